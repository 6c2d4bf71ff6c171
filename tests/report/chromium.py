"""A headless Chromium, asked over its own protocol through a pipe: no driver, no network port."""

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome")


def found():
    """Return the browser's program, None where there is none."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


class Chromium:
    """One page in a browser of its own; a context manager.

    Attributes:
        said: what the page wrote to the console, errors and warnings alone.
        asked_for: every address that it asked for.
    """

    def __init__(self, profile: Path):
        self.said, self.asked_for = [], []
        to_read, to_write = os.pipe(), os.pipe()  # what the browser reads as 3 and writes as 4
        program = [
            found(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--no-first-run", "--remote-debugging-pipe", f"--user-data-dir={profile}",
            "about:blank",
        ]  # fmt: skip
        shell = f'exec "$@" 3<&{to_read[0]} 4>&{to_write[1]}'
        self._process = subprocess.Popen(
            ["bash", "-c", shell, "bash", *program], pass_fds=(to_read[0], to_write[1]),
            stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(to_read[0])
        os.close(to_write[1])
        self._out, self._in = os.fdopen(to_read[1], "wb", 0), os.fdopen(to_write[0], "rb", 0)
        self._count, self._rest, self._session = 0, b"", None
        targets = self.call("Target.getTargets")["targetInfos"]
        target = next(one["targetId"] for one in targets if one["type"] == "page")
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._out.close()
        self._process.terminate()
        self._process.wait(20)
        self._in.close()

    def call(self, method, **parameters):
        """Call a method of the protocol and return its result."""
        self._count += 1
        message = {"id": self._count, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._out.write(json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._count:
            pass
        assert "error" not in answer, answer
        return answer["result"]

    def open(self, path: Path, width: int, height=900, dark=False):
        """Open a file in a window of so many pixels and wait until it is loaded."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.said.clear()
        self.asked_for.clear()
        self.call("Page.navigate", url=path.as_uri())
        while self._next().get("method") != "Page.loadEventFired":
            pass

    def value(self, expression):
        """Return what an expression of JavaScript comes to in the page."""
        said = self.call("Runtime.evaluate", expression=expression, returnByValue=True,
                         awaitPromise=True)  # fmt: skip
        assert "exceptionDetails" not in said, said
        return said["result"].get("value")

    def press(self, selector):
        """Scroll to the first element that fits, and click its middle."""
        x, y = self.value(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            " e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect();"
            " return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def picture(self, path: Path, whole=False):
        """Write what the window shows as PNG, or the whole page."""
        data = self.call("Page.captureScreenshot", captureBeyondViewport=whole)["data"]
        path.write_bytes(base64.b64decode(data))

    def pdf(self, path: Path):
        """Write the page as it is printed."""
        data = self.call("Page.printToPDF", preferCSSPageSize=True)["data"]
        path.write_bytes(base64.b64decode(data))

    def _next(self):
        while b"\0" not in self._rest:
            piece = self._in.read(1 << 20)
            assert piece, "the browser has gone"
            self._rest += piece
        message, _, self._rest = self._rest.partition(b"\0")
        event = json.loads(message)
        self._note(event.get("method"), event.get("params", {}))
        return event

    def _note(self, method, said):
        if method == "Runtime.consoleAPICalled" and said["type"] in {"error", "warning", "assert"}:
            self.said.append(str(said["args"]))
        elif method == "Runtime.exceptionThrown":
            self.said.append(str(said["exceptionDetails"]))
        elif method == "Log.entryAdded" and said["entry"]["level"] in {"error", "warning"}:
            self.said.append(said["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.asked_for.append(said["request"]["url"])
