"""Real servers on the loopback address; run by the Python of `.venv/remotes`: `servers.py s3 FOLDER`.

A server takes a free port, makes what a client needs, prints the port once it listens, and ends with
its standard input: when the test that started it ends or is killed, no server is left.
"""

import asyncio
import sys
from pathlib import Path

HOST = "127.0.0.1"


def serve_s3(_folder: Path) -> None:
    """Serve S3 from memory, with one bucket: `faces`."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(HOST, port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    client = boto3.client("s3", endpoint_url=f"http://{HOST}:{port}", region_name="us-east-1")
    client.create_bucket(Bucket="faces")
    print(port, flush=True)
    sys.stdin.read()


def serve_ssh(folder: Path) -> None:
    """Serve SFTP to whoever holds the key that this writes to `folder/key`: no shell, no command."""
    asyncio.run(_serve_ssh(folder))


async def _serve_ssh(folder: Path) -> None:
    import asyncssh

    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(folder / "key")
    (folder / "key").chmod(0o600)
    allowed = asyncssh.import_authorized_keys(key.export_public_key().decode())
    server = await asyncssh.listen(
        HOST, 0, server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
        authorized_client_keys=allowed, sftp_factory=True,
    )  # fmt: skip
    print(server.get_port(), flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    {"s3": serve_s3, "ssh": serve_ssh}[sys.argv[1]](Path(sys.argv[2]))
