"""What is said when a file, or the place of files, cannot be used. Secrets in an address are left out."""

from urllib.parse import urlsplit, urlunsplit

from reporter.model.errors import Refused, ReporterError, Unavailable

EXTRAS = {
    "s3": "s3fs",
    "s3a": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "abfs": "adlfs",
    "abfss": "adlfs",
    "az": "adlfs",
}
EXTRA_NAMES = {"s3fs": "s3", "gcsfs": "gcs", "adlfs": "abfs"}
CREDENTIALS = {
    "s3fs": "those of AWS: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or a role",
    "gcsfs": "Google's default ones: GOOGLE_APPLICATION_CREDENTIALS, or those of `gcloud auth`",
    "adlfs": "AZURE_STORAGE_CONNECTION_STRING, or AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
}


def shown(address: str) -> str:
    """An address without what may be secret in it: a user and password, a signature."""
    url = urlsplit(address)
    if not url.scheme:
        return address
    return urlunsplit((url.scheme, url.netloc.rpartition("@")[2], url.path, "", ""))


def not_openable(address: str, error: ImportError | ValueError) -> Refused:
    """Why there is no file system for an address: its library is missing, lacks settings, or is none."""
    library = _library(address)
    if library is None:
        return Refused(
            f"Files cannot be read from {shown(address)}: {_scheme(address)!r} is not known. "
            "Use a path, or an address that begins with s3://, gs:// or abfs://"
        )
    if isinstance(error, ValueError):
        return _denied(address)
    return Refused(
        f"{shown(address)} needs the library {library}, which is not installed. In the project's folder: "
        f"pip install '.[{EXTRA_NAMES[library]}]'. On Azure, add {library} to requirements.txt"
    )


def place_trouble(address: str, error: Exception) -> ReporterError:
    """Why files cannot be had, by the kind of the error alone: its words may repeat an address."""
    kind = type(error).__name__
    status: object = getattr(error, "status_code", None)  # Azure's errors have one, and no common type
    if isinstance(error, PermissionError) or "Credential" in kind or status in (401, 403):
        return _denied(address)
    if isinstance(error, FileNotFoundError):
        return Unavailable(f"{shown(address)} is not there, or not any more")
    return Unavailable(f"{shown(address)} could not be read ({kind}). Try again")


def nothing_matches(address: str) -> Refused:
    return Refused(
        f"No file matches {shown(address)}. Check the path; ** stands for folders at any depth. "
        "Names that begin with . or _ are left out, unless the path names them"
    )


def _denied(address: str) -> Refused:
    library = _library(address)
    hint = f"Credentials are looked for as {CREDENTIALS[library]}" if library else "Let this user read it"
    return Refused(f"{shown(address)} may not be read. {hint}")


def _library(address: str) -> str | None:
    return EXTRAS.get(_scheme(address))


def _scheme(address: str) -> str:
    return address.split("://", 1)[0].rsplit("::", 1)[-1]
