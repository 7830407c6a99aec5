#!/usr/bin/env bash
# On macOS no test and no workflow has run this recipe yet: its order of calls alone is tested, with stand-ins.
#
#     packaging/macos/make_dmg.sh [--unsigned]
#
# makes build/installers/koopview-VERSION-macos-ARCH.dmg from build/bundle/KoopView.app (`bootstrap.py bundle`): signed
# under the hardened runtime, notarised and stapled. It needs Xcode's command line tools, and in the environment
#     CODESIGN_IDENTITY                          a "Developer ID Application" identity in the keychain
#     NOTARY_KEY, NOTARY_KEY_ID, NOTARY_ISSUER   a key of the App Store Connect API: its .p8 file, its id, its issuer
# --unsigned makes one for trying, which others can open only after allowing it in System Settings.
set -euo pipefail
cd "$(dirname "$0")/../.."

refuse() {
    echo "make_dmg.sh: $1" >&2
    exit 2
}

app=build/bundle/KoopView.app
[ -d "$app" ] || refuse "$app is not there, expected the application: run python3 packaging/bootstrap.py bundle first."
case "${1-}" in
    "") unsigned="" ;;
    --unsigned) unsigned=yes ;;
    *) refuse "expected --unsigned or nothing, got $1." ;;
esac
for name in CODESIGN_IDENTITY NOTARY_KEY NOTARY_KEY_ID NOTARY_ISSUER; do
    [ -n "$unsigned${!name-}" ] || refuse "$name is not set, expected who signs: set it, or say --unsigned."
done

version=$(python3 packaging/version.py)
dmg="build/installers/koopview-$version-macos-$(uname -m)${unsigned:+-unsigned}.dmg"

sign() { codesign --force --timestamp --options runtime --sign "$CODESIGN_IDENTITY" "$@"; }

if [ -z "$unsigned" ]; then
    # From the inside out: a signature seals what it holds. Apple advises against codesign's own --deep.
    find "$app" -type f -print0 | while IFS= read -r -d "" file; do
        case "$(file -b "$file")" in Mach-O*) sign "$file" ;; esac
    done
    find "$app" -depth -type d -name "*.framework" -print0 | while IFS= read -r -d "" framework; do sign "$framework"; done
    sign --entitlements packaging/macos/entitlements.plist "$app"
    codesign --verify --deep --strict "$app"
fi

staging=$(mktemp -d)
trap 'rm -rf "$staging"' EXIT
cp -R "$app" "$staging/"
ln -s /Applications "$staging/Applications"
mkdir -p build/installers
hdiutil create -volname KoopView -srcfolder "$staging" -format UDZO -ov "$dmg"

if [ -z "$unsigned" ]; then
    sign "$dmg"
    xcrun notarytool submit "$dmg" --key "$NOTARY_KEY" --key-id "$NOTARY_KEY_ID" --issuer "$NOTARY_ISSUER" --wait
    xcrun stapler staple "$dmg"
    spctl --assess --type open --context context:primary-signature "$dmg"
fi
echo "$dmg"
