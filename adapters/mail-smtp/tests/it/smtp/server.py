"""The SMTP server of the tests: keeps what it takes, and refuses, hangs and hangs up where it is told to.

Takes its settings as JSON in the first argument, prints its port, and ends with its standard input.
"""

import asyncio
import json
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    def __init__(self, settings):
        self.folder = settings["folder"]
        self.rules = settings.get("rules", [])
        self.taken = 0

    async def rule(self, server, command, address):
        for rule in self.rules:
            if rule["command"] == command and rule["address"] == address:
                if rule["reply"] == "hang":
                    await asyncio.Event().wait()
                if rule["reply"] == "drop":
                    server.transport.abort()
                return rule["reply"]
        return None

    async def handle_MAIL(self, server, session, envelope, address, options):
        reply = await self.rule(server, "MAIL", address)
        if reply:
            return reply
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 sender taken"

    async def handle_RCPT(self, server, session, envelope, address, options):
        reply = await self.rule(server, "RCPT", address)
        if reply:
            return reply
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 recipient taken"

    async def handle_DATA(self, server, session, envelope):
        reply = await self.rule(server, "DATA", envelope.rcpt_tos[0])
        if reply:
            return reply
        self.keep(server, session, envelope)
        # Taken, but the sender does not hear of it, or cannot send another.
        reply = await self.rule(server, "TAKEN", envelope.rcpt_tos[0])
        if reply == "close":
            await server.push("250 2.0.0 mail taken")
            server.transport.close()
        elif reply:
            return reply
        return "250 2.0.0 mail taken"

    def keep(self, server, session, envelope):
        facts = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "options": envelope.mail_options,
            "encrypted": server.transport.get_extra_info("sslcontext") is not None,
            "user": session.auth_data.login.decode() if session.authenticated else None,
            "peer": session.peer[1],
        }
        name = os.path.join(self.folder, f"{self.taken:04}")
        self.taken += 1
        for ending, content in ((".json", json.dumps(facts).encode()), (".eml", envelope.original_content)):
            with open(name + ".part", "wb") as file:
                file.write(content)
            os.rename(name + ".part", name + ending)


def authenticator(settings):
    def authenticate(server, session, envelope, mechanism, data):
        good = data.login.decode() == settings["user"] and data.password.decode() == settings["password"]
        return AuthResult(success=good, handled=False, auth_data=data)

    return authenticate


async def main(settings):
    handler = Handler(settings)
    context = None
    if "certificate" in settings:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(settings["certificate"], settings["key"])
    starttls = settings["security"] == "starttls"
    login = {}
    if "user" in settings:
        login = {"authenticator": authenticator(settings), "auth_required": True, "auth_require_tls": False}

    def protocol():
        return SMTP(
            handler,
            hostname="mail.example.net",
            enable_SMTPUTF8=settings.get("smtputf8", True),
            tls_context=context if starttls else None,
            require_starttls=starttls,
            **login,
        )

    loop = asyncio.get_running_loop()
    over_tls = context if settings["security"] == "tls" else None
    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=over_tls)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    # What hangs must not hold up the end.
    os._exit(0)


asyncio.run(main(json.loads(sys.argv[1])))
