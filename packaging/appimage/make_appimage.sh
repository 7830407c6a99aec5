#!/usr/bin/env bash
# The folder that the AppImage is made of was made and run; appimagetool itself no test and no workflow has run yet.
#
#     packaging/appimage/make_appimage.sh [--folder]
#
# makes build/installers/koopview-VERSION-linux-ARCH.AppImage from the .deb in build/installers (`bootstrap.py
# installers`), so that menu entry, icon and MIME type stand in one place. --folder stops at build/appimage/AppDir,
# which needs no appimagetool: AppDir/AppRun starts the program.
set -euo pipefail
cd "$(dirname "$0")/../.."

refuse() {
    echo "make_appimage.sh: $1" >&2
    exit 2
}

case "${1-}" in
    "" | --folder) ;;
    *) refuse "expected --folder or nothing, got $1." ;;
esac
debs=(build/installers/*.deb)
if [ "${#debs[@]}" != 1 ] || [ ! -f "${debs[0]}" ]; then
    refuse "expected one .deb in build/installers, got ${debs[*]}: run python3 packaging/bootstrap.py installers first."
fi

appdir=build/appimage/AppDir
rm -rf "$appdir"
mkdir -p "$appdir"
dpkg-deb --extract "${debs[0]}" "$appdir"

program=$(cd "$appdir" && find . -type f -name koopview -perm -u+x -printf '%P\n' -quit)
desktop=$(find "$appdir" -path '*/applications/*.desktop' -print -quit)
icon=$(find "$appdir" -path '*/icons/*/apps/*' \( -name '*.svg' -o -path '*256x256*' \) -print -quit)
for part in "$program" "$desktop" "$icon"; do
    [ -n "$part" ] || refuse "${debs[0]} lacks one of program, menu entry and icon, expected all three."
done

# An AppImage has its menu entry and its icon at the top, under the names that the entry gives them.
cp "$desktop" "$icon" "$appdir/"
ln -s "$(basename "$icon")" "$appdir/.DirIcon"
cat > "$appdir/AppRun" << END
#!/bin/sh
exec "\$(dirname "\$(readlink -f "\$0")")/$program" "\$@"
END
chmod 755 "$appdir/AppRun"
if [ "${1-}" = --folder ]; then
    echo "$appdir"
    exit
fi

command -v appimagetool > /dev/null || refuse "appimagetool is not on the path, expected AppImage's own tool of that name."
image="build/installers/koopview-$(python3 packaging/version.py)-linux-$(uname -m).AppImage"
appimagetool --no-appstream "$appdir" "$image"
echo "$image"
