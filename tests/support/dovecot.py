"""Debian's Dovecot from a configuration of its own in a folder: as root with its mail users, or as whoever runs it."""
import os
import pathlib
import pwd
import socket
import subprocess

IMAP, LMTP, POP3 = "127.0.0.7", "127.0.0.8", "127.0.0.9"

CONF = """
base_dir = {top}/run
state_dir = {top}/state
log_path = /dev/stderr
protocols = imap lmtp pop3
ssl = no
disable_plaintext_auth = no
default_internal_user = {internal}
default_login_user = {login}
default_internal_group = {group}
first_valid_uid = 1
mail_location = sdbox:~/mail
mail_fsync = optimized
mail_max_userip_connections = 1000
postmaster_address = postmaster@example.test
hostname = judge.example.test
auth_username_format = %Lu
lda_mailbox_autocreate = yes
{more}
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={top}/home/%u allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = {IMAP}
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    address = {POP3}
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = {LMTP}
    port = {lmtp}
  }}
  unix_listener lmtp {{
    mode = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service imap {{
  process_limit = 2000
}}
service imap-login {{
  client_limit = 4000
}}
"""


def free_port(address):
    with socket.socket() as s:
        s.bind((address, 0))
        return s.getsockname()[1]


class Dovecot:
    def __init__(self, top, more=""):
        self.top = pathlib.Path(top).absolute()
        self.process = None
        root = os.geteuid() == 0
        me = pwd.getpwuid(os.geteuid())
        mail = pwd.getpwnam("nobody") if root else me
        self.imap, self.pop3, self.lmtp = free_port(IMAP), free_port(POP3), free_port(LMTP)
        for name in "run", "state", "home":
            (self.top / name).mkdir(parents=True)
        os.chown(self.top / "home", mail.pw_uid, mail.pw_gid)
        self.top.chmod(0o755)
        self.top.parent.chmod(0o711)  # its mail user enters
        (self.top / "conf").write_text(CONF.format(
            top=self.top, uid=mail.pw_uid, gid=mail.pw_gid, internal="dovecot" if root else me.pw_name,
            login="dovenull" if root else me.pw_name,
            group="dovecot" if root else "#%d" % me.pw_gid, IMAP=IMAP, LMTP=LMTP, POP3=POP3, imap=self.imap,
            pop3=self.pop3, lmtp=self.lmtp, more=more))

    def start(self):
        """Returns when it listens, which is before it says so."""
        self.process = subprocess.Popen(["/usr/sbin/dovecot", "-F", "-c", self.top / "conf"], stderr=subprocess.PIPE,
                                        env=dict(os.environ, TZ="UTC"))  # it tells dates in the zone that it is in
        with open(self.top / "log", "ab") as log:
            for line in self.process.stderr:
                log.write(line)
                if b"starting up" in line:
                    break
            else:
                raise RuntimeError("Dovecot does not start, see " + str(self.top / "log"))
        self.drain = subprocess.Popen(["tee", "-a", self.top / "log"], stdin=self.process.stderr, stdout=subprocess.DEVNULL)
        self.process.stderr.close()

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.drain.wait()
