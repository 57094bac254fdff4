"""The group Teachers, with the permissions that its members need in the admin."""

from django.db import migrations

# Django creates permissions after the migrations. The names are the ones it would give.
PERMISSIONS = {
    ("classroom", "classroom"): ("add", "change", "delete", "view"),
    ("sessionindexentry", "wheel session"): ("delete", "view"),
}


def create_group(apps, schema_editor):
    """Members that a group of this name has already stay in it."""
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission, Group = (apps.get_model("auth", name) for name in ("Permission", "Group"))
    permissions = []
    for (model, verbose_name), actions in PERMISSIONS.items():
        content_type, _ = ContentType.objects.get_or_create(app_label="wheel", model=model)
        for action in actions:
            permission, _ = Permission.objects.get_or_create(
                content_type=content_type,
                codename=f"{action}_{model}",
                defaults={"name": f"Can {action} {verbose_name}"},
            )
            permissions.append(permission)
    group, _ = Group.objects.get_or_create(name="Teachers")
    group.permissions.set(permissions)


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("wheel", "0003_classroom_of_a_teacher"),
    ]

    operations = [migrations.RunPython(create_group, migrations.RunPython.noop)]
