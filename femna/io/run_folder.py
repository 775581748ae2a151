"""Names of the files and folders of a run folder."""

CASE_FILE = "case.toml"
MANIFEST_FILE = "manifest.json"
HISTORY_FILE = "history.csv"
SUPERSEDED_FILE = "history-superseded.csv"
FIELDS_FOLDER = "fields"
CHECKPOINT_FOLDER = "checkpoint"
FIGURES_FOLDER = "figures"
LOG_FILE = "log.txt"
LOCK_FILE = ".lock"
"""Only while something is written; see femna.io.folder_lock."""

RUN_FILES = (
    CASE_FILE,
    HISTORY_FILE,
    SUPERSEDED_FILE,
    FIELDS_FOLDER,
    CHECKPOINT_FOLDER,
    FIGURES_FOLDER,
    LOG_FILE,
)
"""What a run writes besides its manifest."""
