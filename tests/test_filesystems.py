"""Recognition of network file systems, from samples of /proc/self/mountinfo."""

from pathlib import PurePosixPath, PureWindowsPath

import pytest

from wheel.filesystems import database_warning, filesystem_type, network_type_of

MOUNTS = r"""
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
40 27 0:30 / /home rw,relatime shared:20 master:3 - nfs4 fileserver:/home rw,vers=4.2
41 40 254:1 / /home/local rw - xfs /dev/vdb rw
42 27 0:31 / /mnt/class\0404b rw - cifs //server/class\0404b rw
43 27 0:32 / /mnt/a\134b rw - smb3 //server/x rw
44 27 254:0 /srv/data /bind rw,relatime shared:1 - ext4 /dev/vda rw
45 27 0:33 / /bind/share rw - nfs server:/x rw
46 27 0:34 / /mnt/ssh rw,nosuid - fuse.sshfs pupil@host: rw
47 27 0:35 / /mnt/ntfs rw - fuseblk /dev/sda1 rw
48 27 0:36 / /merged rw - fuse.fuse-overlayfs overlay rw
49 27 0:37 / /vm rw - 9p host rw,trans=virtio
50 27 0:38 / /twice rw - nfs server:/x rw
51 50 0:39 / /twice rw - tmpfs tmpfs rw
52 27 0:40 / /overlay rw - overlay overlay rw,lowerdir=/a
53 27
a line in another form
"""


def type_of(folder):
    return network_type_of(PurePosixPath(folder), MOUNTS)


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/var/lib/tokenwheel", None),
        ("/", None),
        ("/home/pupil/var", "nfs4"),
        ("/home", "nfs4"),
        ("/homes", None),  # no folder of /home
        ("/home/local/var", None),  # a disk that is mounted inside a share
        ("/home/locals", "nfs4"),
        ("/mnt/class 4b/var", "cifs"),
        ("/mnt/a\\b", "smb3"),
        ("/bind/var", None),
        ("/bind/share/var", "nfs"),
        ("/mnt/ssh", "fuse.sshfs"),
        ("/mnt/ntfs", None),
        ("/merged/var", None),
        ("/vm/var", "9p"),
        ("/twice/var", None),  # the later mount hides the earlier one
        ("/overlay", None),
    ],
)
def test_the_innermost_mount_decides(folder, kind):
    assert type_of(folder) == kind


def test_the_type_of_a_folder_is_that_of_its_mount():
    assert filesystem_type(PurePosixPath("/var"), MOUNTS) == "ext4"


@pytest.mark.parametrize("mounts", ["", "nonsense", "1 2 3 - nfs", "\n\n - \n"])
def test_a_list_in_another_form_warns_of_nothing(mounts):
    assert network_type_of(PurePosixPath("/var"), mounts) is None


@pytest.mark.parametrize(
    ("folder", "kind"), [(r"\\server\class\var", "UNC"), (r"C:\wheel\var", None)]
)
def test_a_share_of_windows_is_known_by_its_name(folder, kind):
    assert network_type_of(PureWindowsPath(folder), "") == kind


def test_this_machine_s_own_list_can_be_read(settings):
    assert database_warning() is None or "network file system" in str(database_warning())
