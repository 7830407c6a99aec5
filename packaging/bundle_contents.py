"""What a bundle leaves out, and what of the system it carries: each line with its reason.

The builder collects all that a library could ever import. What KoopView uses of it was found by running every feature
(window, fits, scalings, exports, files of every kind) and looking at what was loaded.
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import NamedTuple


class Line(NamedTuple):
    """A pattern (``*`` stands for any characters, ``/`` among them) and why it stands in its list."""

    pattern: str
    why: str


MODULES = (
    Line("PySide6.QtNetwork", "the program opens no connection"),
    Line("PySide6.QtTest", "pyqtgraph imports it where it is there, for its own tests"),
    Line("_curses", "no text screens"),
    Line("_hashlib", "brings OpenSSL; Python's own hash functions stand beside it"),
    Line("_ssl", "brings OpenSSL; the program opens no connection"),
    Line("_sqlite3", "no databases"),
    Line("_tkinter", "the window is Qt's"),
    Line("_uuid", "brings a system library; Python has another way"),
    Line("readline", "no interactive prompt, and its licence is the GPL"),
    Line("tkinter", "the window is Qt's"),
    Line("IPython", "a notebook has its own Python"),
    Line("pydoc_data", "the texts of Python's help()"),
    Line("PIL.ImageTk", "the window is Qt's"),
    Line("PIL._avif", "pictures of samples are PNG, JPEG, BMP and the like"),
    Line("PIL._imagingcms", "no colour profiles"),
    Line("PIL._imagingft", "no text is drawn by Pillow"),
    Line("PIL._imagingtk", "the window is Qt's"),
    Line("pyqtgraph.canvas", "unused widgets"),
    Line("pyqtgraph.console", "unused widgets"),
    Line("pyqtgraph.dockarea", "unused widgets"),
    Line("pyqtgraph.examples", "examples"),
    Line("pyqtgraph.flowchart", "unused widgets"),
    Line("pyqtgraph.jupyter", "a notebook has its own Python"),
    Line("pyqtgraph.opengl", "plots are drawn without OpenGL"),
    Line("setuptools", "torch asks for it to compile extensions"),
    Line("pkg_resources", "torch asks for it to compile extensions"),
    Line("scipy.cluster", "unused; what is used is scipy.linalg and scipy.optimize"),
    Line("scipy.datasets", "unused; what is used is scipy.linalg and scipy.optimize"),
    Line("scipy.differentiate", "unused; what is used is scipy.linalg and scipy.optimize"),
    Line("scipy.fftpack", "unused; what is used is scipy.linalg and scipy.optimize"),
    Line("scipy.integrate", "unused; what is used is scipy.linalg and scipy.optimize"),
    Line("scipy.interpolate", "unused; what is used is scipy.linalg and scipy.optimize"),
    Line("onnx.backend", "tests, and runs networks with numpy"),
    Line("onnx.reference", "runs networks with numpy"),
    Line("scipy.io", "unused; what is used is scipy.linalg and scipy.optimize"),
    Line("scipy.ndimage", "unused; what is used is scipy.linalg and scipy.optimize"),
    Line("scipy.odr", "unused; what is used is scipy.linalg and scipy.optimize"),
    Line("scipy.signal", "unused; what is used is scipy.linalg and scipy.optimize"),
    Line("scipy.stats", "unused; what is used is scipy.linalg and scipy.optimize"),
    Line("torch._inductor.autoheuristic", "compiles kernels with a C++ compiler"),
    Line("torch._inductor.fx_passes.serialized_patterns", "compiles kernels with a C++ compiler"),
    Line("torch._inductor.kernel", "compiles kernels with a C++ compiler"),
    Line("torch.distributed.benchmarks", "several machines"),
    Line("torch.distributed.checkpoint", "several machines"),
    Line("torch.distributed.elastic", "several machines"),
    Line("torch.distributed.examples", "several machines"),
    Line("torch.distributed.launcher", "several machines"),
    Line("torch.distributed.pipelining", "several machines"),
    Line("torch.distributed.run", "several machines"),
    Line("torch.testing._internal.distributed._shard", "tests"),
    Line("torch.testing._internal.distributed._tensor", "tests"),
    Line("torch.testing._internal.distributed.nn", "tests"),
    Line("torch.testing._internal.distributed.rpc", "tests"),
    Line("torch.testing._internal.generated", "tests"),
    Line("torch.testing._internal.opinfo", "tests"),
    Line("torch.testing._internal.optests", "tests"),
    Line("torch.testing._internal.common_cuda", "tests"),
    Line("torch.testing._internal.common_device_type", "tests"),
    Line("torch.testing._internal.common_distributed", "tests"),
    Line("torch.testing._internal.common_methods_invocations", "tests"),
    Line("torch.testing._internal.common_modules", "tests"),
    Line("torch.testing._internal.common_nn", "tests"),
    Line("torch.testing._internal.common_quantization", "tests"),
    Line("torch.testing._internal.common_utils", "tests"),
    Line("torch.utils.benchmark", "measures torch"),
    Line("torch.utils.bottleneck", "measures torch"),
    Line("torch.utils.hipify", "translates CUDA's sources"),
    Line("torch.utils.model_dump", "needs a browser"),
    Line("torch.utils.tensorboard", "needs another library"),
)
"""Modules, and all below them, that no part of the program needs."""

FILES = (
    Line("pillow.libs/libavif*", "pictures of samples are PNG, JPEG, BMP and the like"),
    Line("pillow.libs/libbrotli*", "no text is drawn by Pillow"),
    Line("pillow.libs/libfreetype*", "no text is drawn by Pillow"),
    Line("pillow.libs/libharfbuzz*", "no text is drawn by Pillow"),
    Line("pillow.libs/liblcms2*", "no colour profiles"),
    Line("pillow.libs/libpng16*", "Pillow reads PNG by itself"),
    Line("torch/test/*", "torch's own tests in C++"),
    Line("torch/include/*", "headers"),
    Line("torch/share/*", "for CMake"),
    Line("torch/lib/*.a", "libraries to link against"),
    Line("torch/lib/*.lib", "libraries to link against"),
    Line("torch/lib/lib*_test.so", "torch's own tests"),
    Line("torch/lib/libbackend_with_compiler.so", "torch's own tests"),
    Line("torch/lib/libaoti_custom_ops.so", "torch's own tests"),
    Line("torch/bin/[!t]*", "programs of others"),
    Line("torch/bin/t[!o]*", "programs of others"),
    Line("PySide6/Qt/translations/*", "the window speaks English"),
    Line("PySide6/Qt/qml/*", "no QML"),
    Line("PySide6/Qt/plugins/egldeviceintegrations/*", "for screens without a desktop"),
    Line("PySide6/Qt/plugins/generic/*", "for screens without a desktop"),
    Line("PySide6/Qt/plugins/networkinformation/*", "the program opens no connection"),
    Line("PySide6/Qt/plugins/platforms/*eglfs*", "for screens without a desktop"),
    Line("PySide6/Qt/plugins/platforms/*linuxfb*", "for screens without a desktop"),
    Line("PySide6/Qt/plugins/platforms/*minimal*", "pictures are drawn by the platform offscreen"),
    Line("PySide6/Qt/plugins/platforms/*vkkhrdisplay*", "for screens without a desktop"),
    Line("PySide6/Qt/plugins/platforms/*vnc*", "for screens without a desktop"),
    Line("PySide6/Qt/plugins/platforminputcontexts/*virtualkeyboard*", "brings QML"),
    Line("PySide6/Qt/plugins/platformthemes/*gtk3*", "brings GTK; the window has its own style"),
    Line("PySide6/Qt/plugins/tls/*", "the program opens no connection"),
    Line("PySide6/Qt/plugins/imageformats/*gif*", "pictures are PNG and SVG"),
    Line("PySide6/Qt/plugins/imageformats/*icns*", "pictures are PNG and SVG"),
    Line("PySide6/Qt/plugins/imageformats/*pdf*", "PDF is written, not shown"),
    Line("PySide6/Qt/plugins/imageformats/*tga*", "pictures are PNG and SVG"),
    Line("PySide6/Qt/plugins/imageformats/*tiff*", "pictures are PNG and SVG"),
    Line("PySide6/Qt/plugins/imageformats/*wbmp*", "pictures are PNG and SVG"),
    Line("PySide6/Qt/plugins/imageformats/*webp*", "pictures are PNG and SVG"),
    Line("PySide6/Qt/plugins/xcbglintegrations/*", "plots are drawn without OpenGL"),
    Line("*libQt6EglFS*", "for screens without a desktop"),
    Line("*libQt6EglFs*", "for screens without a desktop"),
    Line("*libQt6Network.*", "the program opens no connection"),
    Line("*libQt6Pdf*", "PDF is written, not shown"),
    Line("*libQt6Qml*", "no QML"),
    Line("*libQt6Quick*", "no QML"),
    Line("*libQt6Test.*", "tests"),
    Line("*libQt6VirtualKeyboard*", "no QML"),
    Line(
        "*.dist-info/*", "torch's tests ask for those of test libraries; the papers of what is needed are added apart"
    ),
    Line("*/tests/*", "tests of libraries"),
    Line("*.pyi", "for editors"),
    Line("*.h", "headers"),
    Line("*.pxd", "for compilers"),
    Line("setuptools/*", "torch asks for it to compile extensions"),
    Line("python3*/config-*/*", "for compilers"),
)
"""Files, by their place in the bundle, that nothing which stays asks for."""

HIDDEN = (
    Line("PySide6.QtOpenGL", "pyqtgraph imports it by a name that it puts together"),
    Line("PySide6.QtOpenGLWidgets", "pyqtgraph imports it by a name that it puts together"),
)
"""Modules that are imported by names which the builder does not see; all of torch's are, see hooks/hook-torch.py."""

SOURCES = (
    Line("torch._dynamo.config", "torch reads the text of its settings"),
    Line("torch._export.config", "torch reads the text of its settings"),
    Line("torch._functorch.config", "torch reads the text of its settings"),
    Line("torch._inductor.config", "torch reads the text of its settings"),
    Line("torch._inductor.config_comms", "torch reads the text of its settings"),
    Line("torch.compiler.config", "torch reads the text of its settings"),
    Line("torch.distributed.config", "torch reads the text of its settings"),
    Line("torch.fx.experimental._config", "torch reads the text of its settings"),
    Line("torch.utils.serialization.config", "torch reads the text of its settings"),
)
"""Modules whose sources are carried too."""

CARRIED = (
    Line("libpython3*", "Python itself"),
    Line("libbz2.so*", "Python's zip files; its name differs from system to system"),
    Line("libffi.so*", "Python's ctypes; its version differs from system to system"),
    Line("libxcb-cursor.so*", "Qt's windows on X; many desktops lack it"),
    Line("libxcb-icccm.so*", "Qt's windows on X; many desktops lack it"),
    Line("libxcb-image.so*", "Qt's windows on X; many desktops lack it"),
    Line("libxcb-keysyms.so*", "Qt's windows on X; many desktops lack it"),
    Line("libxcb-render-util.so*", "Qt's windows on X; many desktops lack it"),
    Line("libxcb-shape.so*", "Qt's windows on X; many desktops lack it"),
    Line("libxcb-util.so*", "Qt's windows on X; many desktops lack it"),
    Line("libxcb-xkb.so*", "Qt's windows on X; many desktops lack it"),
    Line("libxkbcommon.so*", "keyboards; the two have to be of one version"),
    Line("libxkbcommon-x11.so*", "keyboards; the two have to be of one version"),
)
"""Libraries of a Linux system that the bundle carries. All others are the system's own: its graphics drivers load the
same ones (libstdc++, zlib, libX11 ...) and fail where an older one comes first."""


def matched(name: str, lines: Iterable[Line]) -> bool:
    """Say whether a name fits the pattern of one of `lines`."""
    return any(fnmatchcase(name, line.pattern) for line in lines)


def is_left_out(place: str) -> bool:
    """Say whether the file at `place` in the bundle (``a/b.so``) is left out."""
    return matched(place.replace("\\", "/"), FILES)


def is_carried(name: str) -> bool:
    """Say whether the bundle carries the system's library of this file name."""
    return matched(name, CARRIED)


def is_module_left_out(name: str) -> bool:
    """Say whether a module, or one that it is below, is left out."""
    return any(name == line.pattern or name.startswith(line.pattern + ".") for line in MODULES)
