"""From rows and manifests to tables, pictures and files."""
