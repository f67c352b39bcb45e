// thrive.d.ts says what the modules behind thrive.js do: each is what its declaration promises.

import type * as Declared from "../../app/web/static/thrive.js";
import { ThriveClient } from "../../app/web/static/thrive/client.js";
import * as errors from "../../app/web/static/thrive/errors.js";
import * as events from "../../app/web/static/thrive/events.js";

const { outcomeError: _inner, ...publicErrors } = errors;

({ ThriveClient, ...publicErrors, ...events }) satisfies typeof Declared;
