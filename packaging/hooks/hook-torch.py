"""What the builder collects of torch: the modules that bundle_contents.py leaves in, its libraries, few sources."""

from pathlib import Path

from bundle_contents import SOURCES, is_left_out, is_module_left_out
from PyInstaller.utils.hooks import collect_dynamic_libs, get_package_paths

SITE, FOLDER = (Path(one) for one in get_package_paths("torch"))


def modules() -> list[str]:
    """Return the names of torch's modules, from its files: importing all of them takes minutes."""
    files = [file.relative_to(SITE).with_suffix("") for file in sorted(FOLDER.rglob("*.py"))]
    names = [".".join(part for part in file.parts if part != "__init__") for file in files]
    return [
        name for name in names if all(part.isidentifier() for part in name.split(".")) and not is_module_left_out(name)
    ]


hiddenimports = modules()
warn_on_missing_hiddenimports = False
binaries = [
    (source, place)
    for source, place in collect_dynamic_libs("torch", search_patterns=["*.dll", "*.dylib", "*.so", "*.so.*"])
    if not is_left_out(f"{place}/{Path(source).name}".replace("\\", "/"))
]
binaries += [(str(file), "torch/bin") for file in FOLDER.glob("bin/torch_shm_manager*")]
module_collection_mode = {"torch": "pyz", **{line.pattern: "pyz+py" for line in SOURCES}}
# Without this the builder puts links beside the executable, which lead torch's search for its libraries astray.
bindepend_symlink_suppression = ["**/torch/lib/*.so*"]
