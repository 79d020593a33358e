import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0020_keep_failures_of_groups_for_every_reader"),
    ]

    operations = [
        migrations.RenameModel("GroupChange", "PeopleChange"),
        migrations.RenameIndex("PeopleChange", new_name="people_change_open", old_name="group_change_open"),
        migrations.AlterField(
            model_name="peoplechange",
            name="group",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="changes", to="contacts.group"),
        ),
        migrations.AddField(
            model_name="peoplechange",
            name="tag",
            field=models.CharField(blank=True, db_default="", default="", max_length=50),
        ),
        migrations.AddField(
            model_name="peoplechange",
            name="full",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddConstraint(
            model_name="peoplechange",
            constraint=models.CheckConstraint(
                condition=models.Q(("group__isnull", False), models.Q(("tag", ""), _negated=True), _connector="XOR"), name="change_of_group_or_tag",
            ),
        ),
    ]
