"""An S3 service on this machine, which looks at keys and signatures as a real one does."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

import httpx
from moto.server import ThreadedMotoServer

NAME = "chat-files"
ALL_OF_S3 = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'


@dataclass
class Service:
    """A running one, with the bucket `NAME` and one key that opens it."""

    port: int
    key: str = ""
    secret: str = ""

    def url(self, bucket: str = NAME, *, secret: str = "", key: str = "", folder: str = "") -> str:
        """The setting that leads to a bucket of it."""
        opened = f"{quote(key or self.key, safe='')}:{quote(secret or self.secret, safe='')}"
        return f"s3+http://{opened}@127.0.0.1:{self.port}/{bucket}{folder}?region=eu-central-1"

    def call(self, action: str, **facts: str) -> str:
        """Tell its management of keys something."""
        headers = {
            "Authorization": "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/iam/aws4_request, "
            "SignedHeaders=host, Signature=x"
        }
        answer = httpx.post(f"http://127.0.0.1:{self.port}/", data={"Action": action, **facts}, headers=headers)
        assert answer.is_success, answer.text
        return answer.text


@contextmanager
def bucket_service() -> Iterator[Service]:
    """One with nothing in it, for as long as the `with` lasts."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    service = Service(port)
    try:
        made = httpx.put(f"http://{host}:{port}/{NAME}")
        assert made.is_success, made.text
        service.call("CreateUser", UserName="chat")
        service.call("PutUserPolicy", UserName="chat", PolicyName="all", PolicyDocument=ALL_OF_S3)
        told = service.call("CreateAccessKey", UserName="chat")
        service.key, service.secret = (
            re.findall(f"<{name}>(.*?)</{name}>", told)[0] for name in ("AccessKeyId", "SecretAccessKey")
        )
        # from now on whoever comes without a right signature is turned away
        httpx.post(f"http://{host}:{port}/moto-api/reset-auth", content=b"0")
        yield service
    finally:
        # what it knows is the process's, not its own
        httpx.post(f"http://{host}:{port}/moto-api/reset-auth", content=b"inf")
        httpx.post(f"http://{host}:{port}/moto-api/reset")
        server.stop()
