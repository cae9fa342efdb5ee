import os, pytest, json
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]="1"
from django.utils import timezone
from playwright.sync_api import sync_playwright
from tests import cast
from accounts.models import User
from annotation.models import Study, Stratum
from annotation import configuration, check_bank
pytestmark=[pytest.mark.django_db(transaction=True), pytest.mark.browser]
FLAGS=["--no-sandbox","--disable-gpu","--disable-quic","--no-first-run","--disable-background-networking","--disable-component-update","--disable-sync"]
def test_look(live_server, client):
    User.objects.create_superuser("root@example.net","pw")
    a=cast.make_study("pilot",scenarios=4)
    for who in ("ann","ben"):
        cast.answer_everything(cast.at_work(a,who))
    cast.at_work(a,"cy")
    check_bank.ensure_shipped()
    cast.make_set("moral", scenarios=12); cast.make_set("empty", scenarios=0)
    d=configuration.import_study({"slug":"everyday","title":"Everyday situations, first wave","sets":["moral","empty","pilot-set"],"quota":10,"tasks_per_annotator":40,"provider":"prolific","checks":{"attention":2,"practice":2},"about_you":"default","instructions":"# What will I do?\n\nRead **short** situations.\n\n- one\n- two","completion_url":"http://x.example/?pid={{%PROLIFIC_PID%}}","contact":"[your name]",
      "strata":[{"key":"young","target":5,"conditions":{"age":["18-29"]}},{"key":"old","target":6,"conditions":{"age":["60-74","75+"]}}]})
    with sync_playwright() as p:
        b=p.chromium.launch(executable_path="/usr/bin/chromium",args=FLAGS)
        for width in (1440,390):
            ctx=b.new_context(viewport={"width":width,"height":900})
            client.force_login(User.objects.get(email="root@example.net"))
            ctx.add_cookies([{"name":"sessionid","value":client.cookies["sessionid"].value,"url":live_server.url}])
            page=ctx.new_page()
            page.on("console", lambda m: print("CONSOLE",m.type,m.text))
            page.on("pageerror", lambda e: print("PAGEERROR",e))
            for name,path in json.loads(os.environ["PAGES"]).items():
                path=path.format(a=a.pk,d=d.pk)
                r=page.goto(live_server.url+path)
                page.wait_for_timeout(300)
                print(name,r.status,width,"scrollwidth",page.evaluate("document.documentElement.scrollWidth"))
                total=page.evaluate("document.documentElement.scrollHeight")
                for i in range(0,total,1200 if width>500 else 1800):
                    page.screenshot(path=f"/tmp/h8/{name}-{width}-{i}.png",full_page=True,clip={"x":0,"y":i,"width":width,"height":min(1200 if width>500 else 1800,total-i)})
            ctx.close()
        b.close()
