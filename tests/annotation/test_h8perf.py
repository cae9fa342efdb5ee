import time, pytest
from django.db import connection
from annotation import preflight
from annotation.models import *
from scenarios.models import *
from tests import cast
from tests.annotation.admin_team import *
pytestmark = pytest.mark.django_db
def test_perf():
    s=cast.make_study(is_open=False,instructions="x",consent_text="y")
    home=s.sets.get()
    N=100_000
    sc=Scenario.objects.bulk_create([Scenario(set=home,key=f"k{i}",blocks=[{"type":"text","text":"x"}],content_hash=str(i)) for i in range(N)],batch_size=2000)
    ids=list(Scenario.objects.filter(key__startswith="k").values_list("id",flat=True))
    Action.objects.bulk_create([Action(scenario_id=i,key=k,position=p,text=k) for i in ids for p,k in enumerate("ab")],batch_size=4000)
    st=Stratum.objects.create(study=s,key="all")
    if connection.vendor=="postgresql":
        with connection.cursor() as c: c.execute("analyze")
    for _ in range(2):
        t=time.perf_counter(); print(preflight.problems(s)); print("preflight",connection.vendor,time.perf_counter()-t)
    studies=Study.objects.bulk_create([Study(slug=f"q{i}",title=f"q{i}") for i in range(50)])
    for x in studies:
        st=Stratum.objects.create(study=x,key="all")
        Quota.objects.bulk_create([Quota(study=x,scenario_id=i,stratum=st,target=10,accepted=3) for i in ids[:2357]],batch_size=2000)
    if connection.vendor=="postgresql":
        with connection.cursor() as c: c.execute("analyze")
    c=logged_in(member(None,"superuser"))
    for _ in range(2):
        t=time.perf_counter(); c.get("/admin/annotation/study/"); print("list of 51 studies, 118k quota rows",connection.vendor,time.perf_counter()-t)
    t=time.perf_counter(); c.get(change_page(s)); print("change page, 100k scenarios",connection.vendor,time.perf_counter()-t)
