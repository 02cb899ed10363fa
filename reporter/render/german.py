"""A report in German."""

from reporter.render.phrases import PeriodWords, Plural, Words

GERMAN = Words(
    daily=PeriodWords(
        "gestern", "am gleichen Tag der Vorwoche", "kein Vergleichstag in der Vorwoche", "Tageswert"
    ),
    weekly=PeriodWords(
        "in dieser Woche", "in der Woche davor", "keine frühere Woche zum Vergleich", "Wochenwert"
    ),
    biweekly=PeriodWords(
        "in diesen zwei Wochen",
        "in den zwei Wochen davor",
        "keine zwei früheren Wochen zum Vergleich",
        "Zweiwochenwert",
    ),
    monthly=PeriodWords(
        "in diesem Monat", "im Monat davor", "kein früherer Monat zum Vergleich", "Monatswert"
    ),
    dates=PeriodWords("({now})", "im Zeitraum {before}", "kein früherer Zeitraum zum Vergleich", "Wert"),
    up="{what} {now}, {percent} mehr als {before} ({previous}).",
    down="{what} {now}, {percent} weniger als {before} ({previous}).",
    unchanged="{what} {now}, unverändert gegenüber {previous} {before}.",
    appeared="{what} {now}, nach keinen {before}.",
    alone="{what} {now}.",
    labelled="{label}: {value}",
    busiest="{event} war das häufigste Ereignis: {times}, {share} aller Ereignisse.",
    times=Plural("{n}-mal", "{n}-mal"),
    nothing_happened="Keine Aktivität {now}: Alle gemessenen Werte sind null.",
    not_measured="Nicht gemessen: {labels}.",
    others=Plural("{n} weitere", "{n} weitere"),
    unusual_up="{label} stieg auf {value}, über den üblichen Bereich von {low}–{high}.",
    unusual_down="{label} fiel auf {value}, unter den üblichen Bereich von {low}–{high}.",
    unusual_users_up="{label}: {value}, etwa {percent} über dem Üblichen.",
    unusual_users_down="{label}: {value}, etwa {percent} unter dem Üblichen.",
    unusual_day_up=(
        "{label}: über den Zeitraum wie üblich, aber {day} mit {actual}; üblich sind etwa {expected}."
    ),
    unusual_day_down=(
        "{label}: über den Zeitraum wie üblich, aber {day} mit nur {actual}; üblich sind etwa {expected}."
    ),
    together_up="{count} von {among} Kennzahlen sind gemeinsam ungewöhnlich hoch.",
    together_down="{count} von {among} Kennzahlen sind gemeinsam ungewöhnlich niedrig.",
    usual="üblich {low}–{high}",
    record_up="{label}: {value}, der höchste {span} {since}.",
    record_down="{label}: {value}, der niedrigste {span} {since}.",
    since_day="seit dem {date}",
    since_month="seit {date}",
    of_known="von {known} bekannten",
    milestone="{label}: erstmals über {passed}, mit {value} {now}.",
    nothing_unusual=Plural(
        "Nichts Ungewöhnliches: Die eine Kennzahl liegt in ihrem üblichen Bereich.",
        "Nichts Ungewöhnliches: Alle {n} Kennzahlen liegen in ihrem üblichen Bereich.",
    ),
    stopped=(
        "{label}: seit {day} nichts mehr empfangen (üblich sind etwa {expected} am Tag). Bitte das "
        "Tracking prüfen."
    ),
    gap="{label}: am {day} nichts empfangen (üblich sind etwa {expected}). Bitte das Tracking prüfen.",
    incomplete="Die Daten vom {day} sind noch nicht vollständig: Etwa {share} des Üblichen ist da.",
    duplicates=(
        "{label}: seit {day} etwa {times}-mal so viele je Nutzer wie üblich. Bitte auf Doppelungen prüfen."
    ),
    all_zero="Seit {day} wurde gar nichts mehr empfangen. Bitte das Tracking prüfen.",
    explains_up=Plural(
        "{values} erklärt etwa {share} des Anstiegs", "{values} erklären etwa {share} des Anstiegs"
    ),
    explains_down=Plural(
        "{values} erklärt etwa {share} des Rückgangs", "{values} erklären etwa {share} des Rückgangs"
    ),
    also_explains="{values} etwa {share}",
    nearly_all_up="Fast der ganze Anstieg entfällt auf {values}",
    nearly_all_down="Fast der ganze Rückgang entfällt auf {values}",
    nearly_all_part="{values} (etwa {share})",
    users_overlap="Das sind Anteile an Nutzern, die sich überschneiden können.",
    country=Plural("Land", "Länder"),
    region=Plural("Region", "Regionen"),
    city=Plural("Stadt", "Städte"),
    operating_system=Plural("Betriebssystem", "Betriebssysteme"),
    browser=Plural("Browser", "Browser"),
    device=Plural("Gerät", "Geräte"),
    source=Plural("Quelle", "Quellen"),
    new="neu",
    no_change="unverändert",
    points="Pp.",
    versus="{change} ggü. {previous}",
    unknown_event="kein Ereignis namens {event}",
    did_you_mean="{problem}; meinten Sie {nearest}?",
    failed="nicht gemessen: {reason}",
    too_little_history="zu wenig Vorgeschichte: Die Daten beginnen am {date}",
    before_failed="der Zeitraum davor wurde nicht gemessen",
    undefined="keine Fälle in diesem Zeitraum",
    before_undefined="keine Fälle im Zeitraum davor",
    goal_open="{share} des Ziels von {target}",
    goal_aim="Ziel {target}",
    goal_reached="Ziel von {target} erreicht",
    limit_kept="innerhalb der Grenze von {target}",
    limit_passed="über der Grenze von {target}",
    goal_by="{goal}, bis {date}",
    late="Dieser Bericht kommt verspätet: Fällig war er am {moment}.",
    next="Nächster Bericht: {date}",
    zone_assumed="Mixpanel nannte die Zeitzone des Projekts nicht; angenommen wird {zone}.",
    sampled="Einige Zahlen schätzt Mixpanel aus einer Stichprobe der Nutzer.",
    ranked_partly="Nur die {n} häufigsten Ereignisse des Projekts konnten gereiht werden.",
    no_earlier_data="Die Daten des Projekts beginnen am {date}: {none_earlier}.",
    raw="{what}: {measured}.",
    all_numbers="Alle Zahlen",
    raw_events=Plural("aus {n} Rohereignis gemessen", "aus {n} Rohereignissen gemessen"),
    raw_files=Plural("aus {n} Ereignis in Dateien gemessen", "aus {n} Ereignissen in Dateien gemessen"),
    because_plan="da der Tarif des Projekts keine Query-API hat",
    because_refused="da Mixpanel die Abfrage ablehnte",
    because_not_offered="da die Query-API nichts dergleichen misst",
    raw_duplicates=Plural("{n} Doppelung verworfen", "{n} Doppelungen verworfen"),
    raw_late=Plural("{n} kam verspätet", "{n} kamen verspätet"),
    raw_unreadable=Plural("{n} Zeile unlesbar", "{n} Zeilen unlesbar"),
    restated="{label}: im vorigen Bericht {said}, nach heutigem Stand {now}.",
    too_little_to_judge=(
        "Zu wenig Vorgeschichte, um Ungewöhnliches zu erkennen; ab dem {date} reicht sie aus."
    ),
    holiday="{day} war ein Feiertag: {name}.",
    causes_not_looked_for="Nach Ursachen wurde nicht gesucht: {reason}.",
    summary="Zusammenfassung",
    key_metrics="Kennzahlen",
    top_events="Häufigste Ereignisse",
    event="Ereignis",
    count="Anzahl",
    change="Änderung",
    share="Anteil",
    by_property="nach {property}",
    step_by_step="Schritt für Schritt",
    not_set="(nicht gesetzt)",
    all_others="alle anderen",
    quoted="„{name}“",
    nameless="(ohne Namen)",
    this_period="Dieser Zeitraum",
    period_before="Zeitraum davor",
    per_day="{label}, Tagesmittel",
    compared_with="verglichen mit {dates}",
    zone="Zeitzone {zone}",
    data_as_of="Datenstand {moment}",
    complete_through="vollständig bis {date}",
    more_metrics=Plural(
        "und {n} weitere Kennzahl, hier nicht gezeigt", "und {n} weitere Kennzahlen, hier nicht gezeigt"
    ),
    more_details=Plural(
        "und {n} weitere Aufteilung, hier nicht gezeigt", "und {n} weitere Aufteilungen, hier nicht gezeigt"
    ),
    ranked_of="{shown} von {known} Ereignissen",
    ranked_all=Plural("{n} Ereignis", "{n} Ereignisse"),
    no_events="Keine Ereignisse in diesem Zeitraum.",
    ranking_failed="Nicht gemessen: {reason}",
    chart_not_drawn="Das Diagramm zu {label} ließ sich nicht zeichnen.",
    left_out="Einfacher dargestellt, da Slack nicht alles annahm. Es fehlt: {parts}.",
    charts="Diagramme",
    table_layout="Tabellenform",
    text_layout="Textgestaltung",
    reasons="Warum",
    more_reasons=Plural("und {n} weiterer Grund", "und {n} weitere Gründe"),
    next_step="Was zu tun ist",
)
