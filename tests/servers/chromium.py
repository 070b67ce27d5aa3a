"""Headless Chromium over its debugging pipe, without a driver or library to match its version.

Protocol: https://chromedevtools.github.io/devtools-protocol/, JSON messages that end with NUL.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Callable, Optional

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--remote-debugging-pipe",
)
_KEYS: Mapping[str, tuple[int, str]] = {  # key → virtual key code, typed text
    "Tab": (9, ""),
    "Enter": (13, "\r"),
    " ": (32, " "),
    "Escape": (27, ""),
    "ArrowLeft": (37, ""),
    "ArrowRight": (39, ""),
}


class BrowserError(Exception):
    """A command that Chromium refused, or an exception in a script."""


class Chromium:
    """One browser process with a new profile; `tab()` opens a page in its own context."""

    def __init__(self, program: str) -> None:
        self._profile = tempfile.mkdtemp(prefix="chromium-")
        self._pipe, theirs = socket.socketpair()
        self._pipe.settimeout(60)
        end = theirs.fileno()
        profile = f"--user-data-dir={self._profile}"
        os.set_blocking(end, True)  # gevent's sockets are not, and Chromium would see an error
        # It reads from descriptor 3 and writes to 4; a socket serves for both.
        self._process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{end} 4>&{end}', "bash", program, *_FLAGS, profile],
            pass_fds=[end],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
        )
        theirs.close()
        self._received = b""
        self._last = 0
        self._tabs: dict[str, Tab] = {}

    def call(self, method: str, session: Optional[str] = None, **params: Any) -> dict[str, Any]:
        """Return the result of one command; pass events that arrive before it to their tabs."""
        self._last += 1
        message = {"id": self._last, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        self._pipe.sendall(json.dumps(message).encode() + b"\0")
        wanted = self._last
        while (answer := self._receive()).get("id") != wanted:
            pass
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error']['message']}")
        result: dict[str, Any] = answer["result"]
        return result

    def _receive(self) -> dict[str, Any]:
        parts = [self._received]
        while b"\0" not in parts[-1]:
            part = self._pipe.recv(1 << 20)
            if not part:
                raise BrowserError("Chromium has gone")
            parts.append(part)
        line, _, self._received = b"".join(parts).partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        tab = self._tabs.get(message.get("sessionId", ""))
        if tab and "method" in message:
            tab.hear(message["method"], message["params"])
        return message

    def tab(self) -> Tab:
        """Open a tab without cookies, cache or settings of the others."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call(
            "Target.createTarget",
            url="about:blank",
            browserContextId=context,
            width=1280,
            height=900,
        )["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        tab = self._tabs[session] = Tab(self, session, context)
        for domain in ("Page", "Runtime", "Network", "Log"):
            tab.call(f"{domain}.enable")
        return tab

    def close(self) -> None:
        """End the process and remove its profile."""
        try:
            self.call("Browser.close")
            self._process.wait(5)
        except (BrowserError, OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        self._pipe.close()
        shutil.rmtree(self._profile, ignore_errors=True)


class Tab:
    """One page, with its errors and console messages in `complaints`, its URLs in `requests`."""

    def __init__(self, browser: Chromium, session: str, context: str) -> None:
        self._browser = browser
        self._session = session
        self._context = context
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self._loaded = False

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Return the result of one command to this tab."""
        return self._browser.call(method, self._session, **params)

    def hear(self, event: str, params: Mapping[str, Any]) -> None:
        """Process one event of the page."""
        if event == "Page.loadEventFired":
            self._loaded = True
        elif event == "Runtime.exceptionThrown":
            self.complaints.append(str(params["exceptionDetails"]))
        elif event == "Runtime.consoleAPICalled":
            self.complaints.append(str(params["args"]))
        elif event == "Log.entryAdded":
            self.complaints.append(params["entry"]["text"])
        elif event == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])

    def open(self, path: Path, fragment: str = "") -> None:
        """Load a local file, and return when it has loaded; `fragment` may be `#part`."""
        self._loaded = False
        self.call("Page.navigate", url=path.as_uri() + fragment)
        self.until(lambda: self._loaded)

    def until(self, condition: Callable[[], Any], seconds: float = 30) -> None:
        """Return when the condition is true; BrowserError if it is not in time."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise BrowserError("the page did not reach the expected state in time")
            self.call("Runtime.evaluate", expression="0")
            time.sleep(0.01)

    def run(self, script: str) -> Any:
        """Return the value of an expression, awaited if it is a promise."""
        answer = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            raise BrowserError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def press(self, key: str, shift: bool = False) -> None:
        """Press and release one key where the focus is."""
        code, text = _KEYS[key]
        event = {"key": key, "windowsVirtualKeyCode": code, "modifiers": 8 * shift}
        self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **event)
        self.call("Input.dispatchKeyEvent", type="keyUp", **event)

    def type(self, text: str) -> None:
        """Type text where the focus is."""
        self.call("Input.insertText", text=text)

    def media(self, kind: str = "", scheme: str = "light") -> None:
        """Show the page in light or dark colours, on a `kind` of medium (screen, print)."""
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.call("Emulation.setEmulatedMedia", media=kind, features=[feature])

    def width(self, pixels: int, height: int = 900, scale: float = 1) -> None:
        """Set the size of the window."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=pixels,
            height=height,
            deviceScaleFactor=scale,
            mobile=False,
        )

    def without_javascript(self) -> None:
        """Disable the page's scripts; `run` still works."""
        self.call("Emulation.setScriptExecutionDisabled", value=True)

    def downloads(self, folder: Path) -> None:
        """Save downloads of the page in a folder."""
        self._browser.call(
            "Browser.setDownloadBehavior",
            behavior="allow",
            downloadPath=str(folder),
            browserContextId=self._context,
        )

    def pdf(self, **options: Any) -> bytes:
        """Return the page printed on A4."""
        options = {"paperWidth": 8.27, "paperHeight": 11.69, "preferCSSPageSize": True, **options}
        return base64.b64decode(self.call("Page.printToPDF", **options)["data"])

    def close(self) -> None:
        """Close the tab and its context."""
        self._browser.call("Target.disposeBrowserContext", browserContextId=self._context)

    def screenshot(self, path: Path, **options: Any) -> None:
        """Save the whole page as PNG; `clip` selects a part."""
        options = {"captureBeyondViewport": True, "format": "png", **options}
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", **options)["data"]))
