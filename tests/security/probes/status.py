import json
import os
import stat
from pathlib import Path

wanted = ("Seccomp", "NoNewPrivs", "CapEff", "CapBnd")
lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
facts = {name: lines[name].strip() for name in wanted}
facts["interfaces"] = [line.split(":")[0].strip() for line in Path("/proc/net/dev").read_text().splitlines()[2:]]
facts["setuid"] = [
    os.path.join(folder, name)
    for folder, _inner, names in os.walk("/usr")
    for name in names
    if os.lstat(os.path.join(folder, name)).st_mode & (stat.S_ISUID | stat.S_ISGID)
]
print(json.dumps(facts))
