# Source of _sync/__init__.py; after editing run: tox -e codegen
