
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('annotation', '0001_initial'),
        ('scenarios', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Freshness',
            fields=[
                ('study', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='freshness', serialize=False, to='annotation.study')),
                ('revision', models.PositiveBigIntegerField(default=0, help_text="Sum of the ledger's revisions.")),
                ('cells', models.PositiveBigIntegerField(default=0, help_text='Rows of the ledger.')),
                ('newest_cell', models.PositiveBigIntegerField(default=0, help_text='Highest id among them.')),
                ('refreshed_at', models.DateTimeField(null=True)),
                ('agreement_is_current', models.BooleanField(default=False, help_text='Computed from that state too.')),
                ('agreement_at', models.DateTimeField(null=True)),
                ('holder', models.CharField(blank=True, max_length=32)),
                ('held_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name_plural': 'freshness',
            },
        ),
        migrations.CreateModel(
            name='Heartbeat',
            fields=[
                ('name', models.CharField(max_length=120, primary_key=True, serialize=False)),
                ('seen_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Agreement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('question', models.CharField(default='choice', max_length=60)),
                ('slice', models.CharField(help_text='all, trait:<key>, stratum:<key>', max_length=140)),
                ('coefficient', models.CharField(max_length=40)),
                ('estimate', models.FloatField(null=True)),
                ('low', models.FloatField(null=True)),
                ('high', models.FloatField(null=True)),
                ('level', models.FloatField(default=0.95)),
                ('n_scenarios', models.PositiveIntegerField()),
                ('n_responses', models.PositiveBigIntegerField()),
                ('method', models.CharField(max_length=200)),
                ('undefined_reason', models.CharField(blank=True, max_length=200)),
                ('updated_at', models.DateTimeField()),
                ('study', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='agreements', to='annotation.study')),
            ],
            options={
                'ordering': ['study', 'slice', 'coefficient'],
                'constraints': [models.UniqueConstraint(fields=('study', 'question', 'slice', 'coefficient'), name='one_coefficient_per_slice')],
            },
        ),
        migrations.CreateModel(
            name='Distribution',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stratum', models.CharField(default='all', max_length=60)),
                ('question', models.CharField(default='choice', max_length=60)),
                ('counts', models.JSONField(default=dict, help_text='Answers per option key.')),
                ('n', models.PositiveIntegerField(help_text='Counted answers, those that could not judge included.')),
                ('weighted_n', models.FloatField(help_text='Votes behind the share.')),
                ('share_positive', models.FloatField(null=True)),
                ('low', models.FloatField(null=True)),
                ('high', models.FloatField(null=True)),
                ('interval', models.CharField(default='wilson', max_length=20)),
                ('majority', models.CharField(blank=True, max_length=20)),
                ('agreement', models.FloatField(null=True)),
                ('p_majority', models.FloatField(null=True)),
                ('entropy_bits', models.FloatField(null=True)),
                ('consensus', models.CharField(blank=True, help_text='By the rule on votes.', max_length=20)),
                ('consensus_posterior', models.CharField(blank=True, help_text='By the rule on the posterior.', max_length=20)),
                ('median_response_ms', models.FloatField(null=True)),
                ('revision', models.PositiveBigIntegerField(help_text='Of the seat ledger these counts were read after.')),
                ('updated_at', models.DateTimeField()),
                ('scenario', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scenarios.scenario')),
                ('study', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='distributions', to='annotation.study')),
            ],
            options={
                'ordering': ['study', 'scenario', 'stratum', 'question'],
                'indexes': [models.Index(fields=['study', 'stratum', 'share_positive'], name='distribution_by_share'), models.Index(fields=['study', 'updated_at'], name='distribution_by_update')],
                'constraints': [models.UniqueConstraint(fields=('study', 'scenario', 'stratum', 'question'), name='one_distribution_per_cell')],
            },
        ),
    ]
