"""What is wrong with an installation, in words for its operator. Never a secret: addresses have no passwords here."""

import socket
import ssl


class Fault(Exception):
    """`what` is wrong, and what is to be done about it."""

    def __init__(self, what: str, to_do: str) -> None:
        super().__init__(f"{what} → {to_do}")
        self.what = what
        self.to_do = to_do


def no_connection(error: OSError, where: str, setting: str) -> Fault:
    """Why nothing can be reached at `where`, a host and port which `setting` names."""
    match error:
        case ssl.SSLCertVerificationError():
            return Fault(
                f"the certificate of {where} is not trusted: {error.verify_message}",
                f"name the host in {setting} as its certificate does; this machine must trust who issued it",
            )
        case ssl.SSLError():
            return Fault(f"{where} does not speak TLS as asked", f"check scheme and port in {setting}")
        case socket.gaierror():
            return Fault(f"no machine is known by the name in {where}", f"check {setting}, and this machine's DNS")
        case TimeoutError():
            return Fault(f"{where} does not answer", f"check {setting}, and whether a firewall stands between")
        case ConnectionRefusedError():
            return Fault(f"nobody listens at {where}", f"check host and port in {setting}, and whether it is started")
        case _:
            why = error.strerror or type(error).__name__
            return Fault(f"{where} cannot be reached: {why}", f"check {setting} and the network")
