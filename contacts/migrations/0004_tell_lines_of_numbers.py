"""Line, country and textability of the numbers that are there already."""

from itertools import islice

from django.db import migrations

from smsapp.common.phone import facts_of

FACTS = """
    UPDATE contacts_phonenumber AS p SET line = told.line, country = told.country, textable = p.kind = 'mobile' AND NOT told.dear
      FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::boolean[]) AS told(id, line, country, dear) WHERE p.id = told.id
"""
COPIES = """
    UPDATE contacts_contact AS c SET sms_number = best.number, reach = best.reach, sms_country = coalesce(best.country, '')
      FROM (SELECT p.contact_id, (array_agg(p.number ORDER BY p.is_primary DESC, p.id) FILTER (WHERE p.textable))[1] AS number,
                   (array_agg(p.country ORDER BY p.is_primary DESC, p.id) FILTER (WHERE p.textable))[1] AS country,
                   CASE WHEN bool_or(p.textable) THEN 3 ELSE 1 END AS reach
              FROM contacts_phonenumber AS p GROUP BY p.contact_id) AS best
     WHERE c.id = best.contact_id
"""


def tell(apps, schema_editor):
    numbers = apps.get_model("contacts", "PhoneNumber").objects.values_list("id", "number").iterator()
    with schema_editor.connection.cursor() as cursor:
        while batch := list(islice(numbers, 5_000)):
            facts = [facts_of(number) for _id, number in batch]
            dear = [fact.line in ("premium", "satellite", "personal") for fact in facts]
            cursor.execute(FACTS, [[row[0] for row in batch], [fact.line for fact in facts], [fact.country for fact in facts], dear])
        cursor.execute(COPIES)


class Migration(migrations.Migration):
    dependencies = [("contacts", "0003_search_merge_consent")]
    operations = [migrations.RunPython(tell, migrations.RunPython.noop)]
