"""Models and migrations agree, and an empty database can be brought up to date and back."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


@pytest.mark.django_db
def test_no_model_changed_without_its_migration():
    call_command("makemigrations", check=True, dry_run=True, verbosity=1)


@pytest.mark.django_db
def test_the_test_database_was_made_by_the_migrations():
    executor = MigrationExecutor(connection)
    assert not executor.migration_plan(executor.loader.graph.leaf_nodes())


def test_each_migration_says_what_it_does():
    executor = MigrationExecutor(None)
    ours = {"accounts", "common", "contacts", "providers", "campaigns", "workflows"}
    assert not [f"{app}.{name}" for app, name in executor.loader.disk_migrations if app in ours and ("_auto_" in name or name.endswith("_alter"))]


def test_each_app_has_one_last_migration():
    assert not MigrationExecutor(None).loader.detect_conflicts()
