"""A class may have a lesson, and two prompts, one for each half of its members."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('wheel', '0004_teachers'),
    ]

    operations = [
        migrations.AddField(
            model_name='classroom',
            name='guess_round',
            field=models.PositiveSmallIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name='classroom',
            name='lesson',
            field=models.CharField(blank=True, help_text="The students' pages link to it. Some lessons also have a part on the wall that puts together what the whole class has done.", max_length=40, verbose_name='lesson of the course'),
        ),
        migrations.AddField(
            model_name='classroom',
            name='other_prompt',
            field=models.TextField(blank=True, help_text='For every second student, so that the wall compares two texts. Left empty, everybody starts with the same sentence.', verbose_name='second prompt'),
        ),
        migrations.AddField(
            model_name='classroom',
            name='shows_guesses',
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name='member',
            name='half',
            field=models.PositiveSmallIntegerField(choices=[(1, 'First text'), (2, 'Second text')], default=1, verbose_name='half'),
        ),
    ]
