"""The Debian package of this build: what is in it, that the unit is right and locked up, that what the
program writes of itself came along."""

import gzip
import re
import shutil
import subprocess

from harness import BUILD, Missing, quell, run


def tool(name):
    found = shutil.which(name)
    if found is None:
        raise Missing(f"{name} is missing")
    return found


def said(*arguments, code=0):
    done = subprocess.run([str(a) for a in arguments], text=True, timeout=120,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == code, (arguments, done.stdout)
    return done.stdout


def unpacked(box):
    cpack, dpkg_deb = tool("cpack"), tool("dpkg-deb")
    tool("dpkg-shlibdeps")
    said(cpack, "-G", "DEB", "-B", box.path / "out", "--config", BUILD / "CPackConfig.cmake")
    packages = list((box.path / "out").glob("quell_*.deb"))
    assert len(packages) == 1, packages
    said(dpkg_deb, "-x", packages[0], box.path / "root")
    said(dpkg_deb, "-e", packages[0], box.path / "control")
    return packages[0], box.path / "root", box.path / "control"


def the_package_has_what_it_should(box):
    package, root, control = unpacked(box)
    fields = said(tool("dpkg-deb"), "-f", package)
    version = quell("version").stdout.split()[1]
    assert f"Version: {version}\n" in fields and "Package: quell\n" in fields, fields
    assert re.search(r"Depends: .*libc6.*ca-certificates|Depends: .*ca-certificates.*libc6", fields), fields
    listed = said(tool("dpkg-deb"), "-c", package)
    for mode, path in (("-rwxr-xr-x", "./usr/bin/quell"), ("-rw-r-----", "./etc/quell/quell.yaml"),
                       ("-rw-r--r--", "./usr/lib/systemd/system/quell.service"),
                       ("-rw-r--r--", "./usr/lib/sysusers.d/quell.conf"),
                       ("-rw-r--r--", "./usr/share/man/man1/quell.1.gz"),
                       ("-rw-r--r--", "./usr/share/bash-completion/completions/quell"),
                       ("-rw-r--r--", "./usr/share/zsh/vendor-completions/_quell"),
                       ("-rw-r--r--", "./usr/share/fish/vendor_completions.d/quell.fish"),
                       ("-rw-r--r--", "./usr/share/doc/quell/copyright"),
                       ("-rw-r--r--", "./usr/share/doc/quell/examples/prometheus/quell_alerts.yaml")):
        assert re.search(rf"^{re.escape(mode)} root/root .* {re.escape(path)}$", listed, re.M), (path, listed)
    assert (control / "conffiles").read_text() == "/etc/quell/quell.yaml\n"
    for script in ("postinst", "prerm", "postrm"):
        said("sh", "-n", control / script)
        assert (control / script).stat().st_mode & 0o777 == 0o755, script
    assert gzip.decompress((root / "usr/share/man/man1/quell.1.gz").read_bytes()).decode() == quell("man").stdout
    assert (root / "usr/share/bash-completion/completions/quell").read_text() == \
        quell("completion", "bash").stdout


def its_program_runs_and_takes_its_configuration(box):
    _, root, _ = unpacked(box)
    assert said(root / "usr/bin/quell", "version") == quell("version").stdout
    checked = said(root / "usr/bin/quell", "check", "--config", root / "etc/quell/quell.yaml")
    assert "is valid" in checked and "/var/lib/quell" in checked, checked


def its_unit_is_right_and_locked_up(box):
    _, root, _ = unpacked(box)
    analyze = tool("systemd-analyze")
    unit = root / "usr/lib/systemd/system/quell.service"
    text = unit.read_text()
    for path in re.findall(r"^Exec\w+=(/usr/\S+)", text, re.M):
        assert (root / path[1:]).exists(), path
    # Against the unpacked program, as no other is installed here.
    verified = box.write("quell.service", text.replace("/usr/bin/quell", str(root / "usr/bin/quell")))
    said(analyze, "verify", "--man=no", "--recursive-errors=no", verified)
    rated = said(analyze, "security", "--offline=true", verified)
    level = float(re.search(r"exposure level for quell.service: ([0-9.]+)", rated)[1])
    assert level <= 2.0, rated


if __name__ == "__main__":
    run(the_package_has_what_it_should,
        its_program_runs_and_takes_its_configuration,
        its_unit_is_right_and_locked_up)
