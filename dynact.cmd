@echo off
rem The command line of this clone, from any folder: runs\ and datasets\ lie where you stand.
setlocal
set "INIT_CWD=%CD%"
set "npm_package_name=dynact"
set "DYNACT_CALLED_AS=%~0"
cd /d "%~dp0"
if not exist node_modules\tsx (
  echo error: the packages are not installed yet; run npm start in %CD% first ^(npm start -- --dry-run installs without training^) 1>&2
  exit /b 2
)
node --conditions=@dynact/source --import tsx apps\trainer\src\main.ts %*
exit /b %ERRORLEVEL%
