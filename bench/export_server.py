"""The static half of the export bench: a process that serves each day's gzip file as Mixpanel's export does.

`python -m bench.export_server FOLDER` prints its port and serves until its standard input closes.
"""

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit


def serve(folder: Path) -> None:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            dates = parse_qs(urlsplit(self.path).query)
            first, last = dates["from_date"][0], dates["to_date"][0]
            # Gzip files one after the other are a gzip file (RFC 1952).
            days = (path for path in sorted(folder.iterdir()) if first <= path.name[:10] <= last)
            body = b"".join(path.read_bytes() for path in days)
            self.send_response(200)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the bench prints the figures."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
