"""Recognition of network file systems, on which SQLite's write-ahead log does not work.

The log needs shared memory between all processes that open the file, and reliable locks
(https://sqlite.org/wal.html). Neither exists between the clients of a share.
"""

import re
from pathlib import Path, PurePath

from django.conf import settings

MOUNTS = Path("/proc/self/mountinfo")  # Linux only
NETWORK_TYPES = {
    "9p",
    "afs",
    "beegfs",
    "ceph",
    "cifs",
    "coda",
    "gfs2",
    "glusterfs",
    "gpfs",
    "lustre",
    "ncpfs",
    "nfs",
    "nfs4",
    "ocfs2",
    "orangefs",
    "smb3",
    "smbfs",
    "vboxsf",
    "virtiofs",
    "vmhgfs",
}
LOCAL_FUSE_TYPES = {"fuse.fuse-overlayfs", "fuse.lxcfs"}
OCTAL_ESCAPE = re.compile(r"\\([0-7]{3})")  # of space, tab, newline and backslash


def network_type_of(folder: PurePath, mounts: str) -> str | None:
    """The type of the network file system that holds an absolute folder, or None. FUSE counts as
    one: most of its file systems, such as sshfs, are. `mounts` is the text of mountinfo, empty
    where there is none."""
    if folder.drive.startswith("\\\\"):
        return "UNC"
    kind = filesystem_type(folder, mounts)
    if kind is None or kind in LOCAL_FUSE_TYPES:
        return None
    return kind if kind in NETWORK_TYPES or kind.startswith("fuse.") else None


def filesystem_type(folder: PurePath, mounts: str) -> str | None:
    """The type of the mount with the longest path that contains the folder; of several mounts on
    one path, the last is the visible one. None if there is none, or for lines in another form."""
    found, longest = None, -1
    for line in mounts.splitlines():
        mount, _, source = line.partition(" - ")
        fields, kind = mount.split(), source.split()[:1]
        if len(fields) < 6 or not kind:
            continue
        point = PurePath(unescaped(fields[4]))
        if folder.is_relative_to(point) and len(point.parts) >= longest:
            found, longest = kind[0], len(point.parts)
    return found


def unescaped(text: str) -> str:
    return OCTAL_ESCAPE.sub(lambda found: chr(int(found[1], 8)), text)


def database_warning() -> str | None:
    """A sentence about an embedded database on a network share, or None."""
    database = settings.DATABASES["default"]
    if not database["ENGINE"].endswith("sqlite3"):
        return None
    folder = Path(database["NAME"]).resolve().parent
    kind = network_type_of(folder, read_mounts())
    if kind is None:
        return None
    return (
        f"The folder {folder} is on a network file system ({kind}), where SQLite's write-ahead log "
        "does not work: requests may fail, and data may be lost. Set TOKENWHEEL_DATA_DIR to a "
        "folder on a local disk, or DATABASE_URL to a PostgreSQL."
    )


def read_mounts() -> str:
    try:
        return MOUNTS.read_text(errors="surrogateescape")
    except OSError:
        return ""
