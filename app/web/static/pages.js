/**
 * Makes the pages quicker where scripts run: dialogs instead of page after page, progress while a
 * request is decided, and lists that follow what happens. Without it every page works all the same.
 */

import { client, forgetAtSignOut, isSignedIn } from "./pages/client.js";
import { enhanceDeeds, takeUp } from "./pages/deeds.js";
import { enhanceDialogs } from "./pages/dialog.js";
import { followJobs } from "./pages/following.js";
import { keepFresh } from "./pages/refreshing.js";
import { onShown } from "./pages/showing.js";

enhanceDialogs();
enhanceDeeds();
keepFresh();
forgetAtSignOut();
onShown(followJobs);
followJobs();
if (isSignedIn()) for (const call of client.resume()) takeUp(call);
