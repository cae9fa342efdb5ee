
import django.db.models.deletion
import scenarios.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Instrument',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(max_length=60, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('citation', models.TextField(blank=True)),
            ],
            options={
                'ordering': ['key'],
            },
        ),
        migrations.CreateModel(
            name='ScenarioSet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=80, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('description', models.TextField(blank=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'verbose_name': 'scenario set',
                'ordering': ['slug'],
            },
        ),
        migrations.CreateModel(
            name='Trait',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(max_length=60, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('description', models.TextField(blank=True)),
                ('positive_label', models.CharField(blank=True, max_length=60)),
                ('negative_label', models.CharField(blank=True, max_length=60)),
            ],
            options={
                'ordering': ['key'],
            },
        ),
        migrations.CreateModel(
            name='ImportUpload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=255)),
                ('content', models.BinaryField()),
                ('options', models.JSONField(default=dict, encoder=scenarios.models.ReadableJSONEncoder)),
                ('created_at', models.DateTimeField(auto_now_add=True, db_index=True)),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Statement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('original', models.TextField()),
                ('reframed', models.TextField(blank=True)),
                ('digest', models.CharField(editable=False, help_text='content_hash of the four fields above.', max_length=64, unique=True)),
                ('instrument', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='statements', to='scenarios.instrument')),
                ('trait', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='statements', to='scenarios.trait')),
            ],
        ),
        migrations.CreateModel(
            name='Scenario',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=120)),
                ('version', models.PositiveIntegerField(default=1)),
                ('is_latest', models.BooleanField(default=True)),
                ('language', models.CharField(default='en', max_length=20)),
                ('blocks', models.JSONField(encoder=scenarios.models.ReadableJSONEncoder)),
                ('intended_class', models.CharField(blank=True, choices=[('AGREE', 'agree'), ('OPPOSE', 'oppose'), ('AMBIGUOUS', 'ambiguous')], max_length=10)),
                ('tags', models.JSONField(blank=True, default=list, encoder=scenarios.models.ReadableJSONEncoder)),
                ('license', models.CharField(blank=True, max_length=60)),
                ('content_hash', models.CharField(editable=False, max_length=64)),
                ('locked_at', models.DateTimeField(blank=True, editable=False, help_text='Since when its content can no longer change.', null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('set', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='scenarios', to='scenarios.scenarioset')),
                ('statement', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='scenarios', to='scenarios.statement')),
                ('trait', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='scenarios', to='scenarios.trait')),
            ],
            options={
                'ordering': ['set', 'key', 'version'],
            },
        ),
        migrations.CreateModel(
            name='Translation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(max_length=20)),
                ('text', models.TextField()),
                ('actions', models.JSONField(encoder=scenarios.models.ReadableJSONEncoder)),
                ('scenario', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='translations', to='scenarios.scenario')),
            ],
        ),
        migrations.CreateModel(
            name='Action',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=20)),
                ('position', models.PositiveSmallIntegerField()),
                ('text', models.TextField()),
                ('pole', models.SmallIntegerField(blank=True, null=True)),
                ('scenario', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='actions', to='scenarios.scenario')),
            ],
            options={
                'ordering': ['scenario', 'position'],
                'constraints': [models.UniqueConstraint(fields=('scenario', 'key'), name='an_action_key_exists_once_per_scenario'), models.UniqueConstraint(fields=('scenario', 'position'), name='one_action_per_position'), models.CheckConstraint(condition=models.Q(('pole__isnull', True), ('pole__in', [-1, 1]), _connector='OR'), name='a_pole_is_plus_or_minus_one'), models.CheckConstraint(condition=models.Q(('key__in', ['neutral', 'not_applicable', 'tie', '']), _negated=True), name='an_action_key_is_not_a_reserved_word')],
            },
        ),
        migrations.AddConstraint(
            model_name='scenario',
            constraint=models.UniqueConstraint(fields=('set', 'key', 'version'), name='a_version_of_a_key_exists_once'),
        ),
        migrations.AddConstraint(
            model_name='scenario',
            constraint=models.UniqueConstraint(condition=models.Q(('is_latest', True)), fields=('set', 'key'), name='one_version_is_the_latest'),
        ),
        migrations.AddConstraint(
            model_name='scenario',
            constraint=models.CheckConstraint(condition=models.Q(('version__gte', 1)), name='versions_start_at_one'),
        ),
        migrations.AddConstraint(
            model_name='translation',
            constraint=models.UniqueConstraint(fields=('scenario', 'language'), name='one_translation_per_language'),
        ),
    ]
