"""Classrooms get an owner, settings, a state and an expiry; members replace the plain link of index
rows to their classroom. Codes stay as they are."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils.timezone import now

import wheel.models.classroom
from wheel.domain.pseudonyms import new_pseudonym


def carry_over(apps, schema_editor):
    """Existing classes stay open or closed, and live from now on as long as new ones. If there is
    one teacher, they are that teacher's; else they belong to the superusers."""
    Classroom, Member, Entry, User = (
        apps.get_model(*name)
        for name in (
            ("wheel", "Classroom"),
            ("wheel", "Member"),
            ("wheel", "SessionIndexEntry"),
            ("auth", "User"),
        )
    )
    staff = list(User.objects.filter(is_staff=True, is_active=True)[:2])
    owner = staff[0] if len(staff) == 1 else None
    for classroom in Classroom.objects.all():
        classroom.owner = owner
        classroom.state = "open" if classroom.is_open else "closed"
        classroom.seed = wheel.models.classroom.new_seed()
        classroom.expires_at = now() + wheel.models.classroom.LIFETIME
        classroom.save()
        taken = set()
        for entry in Entry.objects.filter(classroom=classroom).order_by("created_at", "pk"):
            pseudonym = new_pseudonym(taken)
            taken.add(pseudonym)
            entry.member = Member.objects.create(
                classroom=classroom, session_id=entry.session_id, pseudonym=pseudonym
            )
            entry.save(update_fields=["member"])


def carry_back(apps, schema_editor):
    Classroom, Entry = (
        apps.get_model("wheel", "Classroom"),
        apps.get_model("wheel", "SessionIndexEntry"),
    )
    Classroom.objects.update(is_open=models.Case(models.When(state="closed", then=False), default=True))
    for entry in Entry.objects.exclude(member=None).select_related("member"):
        entry.classroom_id = entry.member.classroom_id
        entry.save(update_fields=["classroom"])


class Migration(migrations.Migration):
    atomic = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("wheel", "0002_classroom"),
    ]

    operations = [
        migrations.RenameField("classroom", "name", "title"),
        migrations.AlterField(
            model_name='classroom',
            name='title',
            field=models.CharField(max_length=100, verbose_name='title'),
        ),
        migrations.AddField(
            model_name='classroom',
            name='owner',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='classrooms', to=settings.AUTH_USER_MODEL, verbose_name='teacher'),
        ),
        migrations.AddField(
            model_name='classroom',
            name='threshold',
            field=models.FloatField(default=0.01, verbose_name='threshold'),
        ),
        migrations.AddField(
            model_name='classroom',
            name='temperature',
            field=models.FloatField(default=1.0, verbose_name='temperature'),
        ),
        migrations.AddField(
            model_name='classroom',
            name='top_k',
            field=models.PositiveIntegerField(default=0, verbose_name='top-k'),
        ),
        migrations.AddField(
            model_name='classroom',
            name='top_p',
            field=models.FloatField(default=1.0, verbose_name='top-p'),
        ),
        migrations.AddField(
            model_name='classroom',
            name='min_p',
            field=models.FloatField(default=0.0, verbose_name='min-p'),
        ),
        migrations.AddField(
            model_name='classroom',
            name='locked',
            field=models.JSONField(blank=True, default=list, help_text='What the students cannot change.', verbose_name='locked'),
        ),
        migrations.AddField(
            model_name='classroom',
            name='luck',
            field=models.CharField(choices=[('own', 'everybody has their own'), ('shared', 'everybody has the same')], default='own', help_text='With the same luck for everybody, the same text draws the same token.', max_length=8, verbose_name='luck'),
        ),
        migrations.AddField(
            model_name='classroom',
            name='seed',
            field=models.BigIntegerField(default=wheel.models.classroom.new_seed, editable=False),
        ),
        migrations.AddField(
            model_name='classroom',
            name='state',
            field=models.CharField(choices=[('open', 'open'), ('frozen', 'frozen'), ('closed', 'closed')], default='open', help_text='Open: students join and spin. Frozen: they join and look. Closed: the code no longer works, and those inside only look.', max_length=8, verbose_name='state'),
        ),
        migrations.AddField(
            model_name='classroom',
            name='expires_at',
            field=models.DateTimeField(default=wheel.models.classroom.default_expiry, help_text='At this time the class and all its sessions are deleted.', verbose_name='expires'),
        ),
        migrations.AddField(
            model_name='classroom',
            name='question',
            field=models.TextField(blank=True, help_text='Shown on the wall, to be answered before a spin.', verbose_name='question'),
        ),
        migrations.AddField(
            model_name='classroom',
            name='look_for',
            field=models.TextField(blank=True, help_text='A note for you. Students do not see it.', verbose_name='what to look for'),
        ),
        migrations.AddField(
            model_name='classroom',
            name='hides_names',
            field=models.BooleanField(default=False, help_text='The wall shows stories without pseudonyms.', verbose_name='hide names'),
        ),
        migrations.AddField(
            model_name='classroom',
            name='blurs_stories',
            field=models.BooleanField(default=False, help_text='Each story on the wall, and the tree, is blurred until you tap it.', verbose_name='blur until tapped'),
        ),
        migrations.AddField(
            model_name='classroom',
            name='version',
            field=models.PositiveBigIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='classroom',
            name='num_common_spins',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.CreateModel(
            name='Member',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('classroom', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='wheel.classroom', verbose_name='classroom')),
                ('session_id', models.UUIDField(unique=True, verbose_name='session')),
                ('pseudonym', models.CharField(max_length=60, verbose_name='pseudonym')),
                ('is_virtual', models.BooleanField(default=False, verbose_name='virtual')),
                ('is_hidden', models.BooleanField(default=False, verbose_name='hidden')),
                ('joined_at', models.DateTimeField(auto_now_add=True, verbose_name='joined')),
            ],
            options={
                'verbose_name': 'member',
                'verbose_name_plural': 'members',
                'ordering': ('pk',),
                'constraints': [models.UniqueConstraint(models.F('classroom'), models.F('pseudonym'), name='unique_pseudonym_in_classroom')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='HeldStory',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('classroom', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='held_stories', to='wheel.classroom', verbose_name='classroom')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='held_stories', to='wheel.member', verbose_name='member')),
                ('session_id', models.UUIDField(unique=True, verbose_name='session')),
                ('pseudonym', models.CharField(max_length=60, verbose_name='pseudonym')),
                ('held_at', models.DateTimeField(auto_now_add=True, verbose_name='held')),
            ],
            options={
                'verbose_name': 'held story',
                'verbose_name_plural': 'held stories',
                'ordering': ('pk',),
                'indexes': [],
                'constraints': [],
            },
        ),
        migrations.AddField(
            model_name='sessionindexentry',
            name='member',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='index_entry', to='wheel.member', verbose_name='member'),
        ),
        migrations.RunPython(carry_over, carry_back),
        migrations.RemoveField("classroom", "is_open"),
        migrations.RemoveField("sessionindexentry", "classroom"),
    ]
