"""Where the baselines' routes are; apart from them, because importing them makes an application."""

PREFIX = "/synchronous"
PONG = "/pong"
