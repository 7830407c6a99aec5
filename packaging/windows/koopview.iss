; No test and no workflow has run this recipe yet: it has never been compiled, and its installer never been started.
;
; It makes an installer for one person, without an administrator, from the folder that `bootstrap.py bundle` has made:
;
;     iscc /DVersion=0.1.0 packaging\windows\koopview.iss        (python packaging\version.py says the version)
;
; Inno Setup 6.3 or newer. The installer goes to build\installers. To sign it and the program that uninstalls, add
; /DSigned and name the command with Inno Setup's own option, e.g. "/Ssigning=signtool sign /fd sha256 /a $f".

#ifndef Version
  #error The version is not given: call iscc /DVersion=X.Y.Z packaging\windows\koopview.iss
#endif

#define Bundle "..\..\build\bundle\koopview"
#if !FileExists(AddBackslash(SourcePath) + Bundle + "\koopview.exe")
  #error build\bundle\koopview\koopview.exe is not there: run python packaging\bootstrap.py bundle first
#endif

[Setup]
; Never to be changed: by it Windows knows a newer version from another program.
AppId={{5B0C6A0E-3C56-4B0B-9B7E-6F1D2E7C4A91}
AppName=KoopView
AppVersion={#Version}
AppPublisher=The KoopView authors
VersionInfoVersion={#Version}
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
DefaultDirName={autopf}\KoopView
DisableProgramGroupPage=yes
LicenseFile=..\..\LICENSE
UninstallDisplayIcon={app}\koopview.exe
UninstallDisplayName=KoopView
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
; Open windows are asked about and closed, so that no file of theirs is left behind.
CloseApplications=yes
ChangesAssociations=yes
Compression=lzma2
SolidCompression=yes
OutputDir=..\..\build\installers
OutputBaseFilename=koopview-{#Version}-windows-x86_64
WizardStyle=modern
#ifdef Signed
SignTool=signing
SignedUninstaller=yes
#endif

[Languages]
Name: "english"; MessagesFile: "compiler:Default.isl"

[Tasks]
Name: "association"; Description: "Open .koopview files with KoopView"
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked

[InstallDelete]
; What an older version had and this one has not.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "{#Bundle}\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

[Icons]
Name: "{autoprograms}\KoopView"; Filename: "{app}\koopview.exe"
Name: "{autodesktop}\KoopView"; Filename: "{app}\koopview.exe"; Tasks: desktopicon

[Registry]
; HKA is the person's own part of the registry, or the machine's where an administrator installs for all.
Root: HKA; Subkey: "Software\Classes\.koopview\OpenWithProgids"; ValueType: string; ValueName: "KoopView.Study"; ValueData: ""; Flags: uninsdeletevalue uninsdeletekeyifempty; Tasks: association
Root: HKA; Subkey: "Software\Classes\.koopview"; ValueType: string; ValueName: ""; ValueData: "KoopView.Study"; Flags: uninsdeletevalue uninsdeletekeyifempty; Tasks: association
Root: HKA; Subkey: "Software\Classes\.koopview"; ValueType: string; ValueName: "Content Type"; ValueData: "application/x-koopview"; Flags: uninsdeletevalue uninsdeletekeyifempty; Tasks: association
Root: HKA; Subkey: "Software\Classes\KoopView.Study"; ValueType: string; ValueName: ""; ValueData: "KoopView study"; Flags: uninsdeletekey; Tasks: association
Root: HKA; Subkey: "Software\Classes\KoopView.Study\DefaultIcon"; ValueType: string; ValueName: ""; ValueData: "{app}\koopview.exe,0"; Tasks: association
Root: HKA; Subkey: "Software\Classes\KoopView.Study\shell\open\command"; ValueType: string; ValueName: ""; ValueData: """{app}\koopview.exe"" ""%1"""; Tasks: association

[Run]
Filename: "{app}\koopview.exe"; Description: "{cm:LaunchProgram,KoopView}"; Flags: nowait postinstall skipifsilent
