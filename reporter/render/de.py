"""A report in German."""

from reporter.render.phrases import CadenceWords, FailurePhrases, NoticePhrases, NoticeWords, Plural, Words

WORDS = Words(
    daily=CadenceWords("kein Vergleichstag in der Vorwoche", "Tageswert"),
    weekly=CadenceWords("keine frühere Woche zum Vergleich", "Wochenwert"),
    biweekly=CadenceWords("keine zwei früheren Wochen zum Vergleich", "Zweiwochenwert"),
    monthly=CadenceWords("kein früherer Monat zum Vergleich", "Monatswert"),
    custom=CadenceWords("kein früherer Zeitraum zum Vergleich", "Wert"),
    yesterday="gestern",
    on_day="am {dates}",
    last_week="letzte Woche",
    last_seven_days="in den letzten sieben Tagen",
    week_of="in der Woche vom {dates}",
    last_two_weeks="in den letzten zwei Wochen",
    two_weeks_of="in den zwei Wochen vom {dates}",
    in_month="im {month}",
    in_days="({dates})",
    through="",
    a_week_earlier="eine Woche zuvor",
    the_week_before="in der Woche davor",
    the_two_weeks_before="in den zwei Wochen davor",
    the_month_before="im Monat davor",
    the_days_before=Plural(one="am Tag davor", other="in den {n} Tagen davor"),
    up="{what} {now}, {percent} mehr als {before} ({previous}).",
    down="{what} {now}, {percent} weniger als {before} ({previous}).",
    unchanged="{what} {now}, unverändert gegenüber {previous} {before}.",
    appeared="{what} {now}, nach keinen {before}.",
    alone="{what} {now}.",
    labelled="{label}: {value}",
    busiest="{event} war das häufigste Ereignis: {times}, {share} aller Ereignisse.",
    times=Plural(one="{n}-mal", other="{n}-mal"),
    nothing_happened="Keine Aktivität {now}: Alle gemessenen Werte sind null.",
    not_measured_because="Nicht gemessen ({n} Kennzahlen): {reason}.",
    not_measured="Nicht gemessen: {labels}.",
    others=Plural(one="{n} weitere", other="{n} weitere"),
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
        one="Nichts Ungewöhnliches: Die eine Kennzahl liegt in ihrem üblichen Bereich.",
        other="Nichts Ungewöhnliches: Alle {n} Kennzahlen liegen in ihrem üblichen Bereich.",
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
        one="{values} erklärt etwa {share} des Anstiegs", other="{values} erklären etwa {share} des Anstiegs"
    ),
    explains_down=Plural(
        one="{values} erklärt etwa {share} des Rückgangs",
        other="{values} erklären etwa {share} des Rückgangs",
    ),
    also_explains="{values} etwa {share}",
    nearly_all_up="Fast der ganze Anstieg entfällt auf {values}",
    nearly_all_down="Fast der ganze Rückgang entfällt auf {values}",
    nearly_all_part="{values} (etwa {share})",
    users_overlap="Das sind Anteile an Nutzern, die sich überschneiden können.",
    country=Plural(one="Land", other="Länder"),
    region=Plural(one="Region", other="Regionen"),
    city=Plural(one="Stadt", other="Städte"),
    operating_system=Plural(one="Betriebssystem", other="Betriebssysteme"),
    browser=Plural(one="Browser", other="Browser"),
    device=Plural(one="Gerät", other="Geräte"),
    source=Plural(one="Quelle", other="Quellen"),
    new="neu",
    no_change="unverändert",
    points="Pp.",
    versus="{change} ggü. {previous}",
    unknown_event="kein Ereignis namens {event}",
    unknown_property="seit {date} hat kein {event} eine Eigenschaft {property}",
    unknown_value="seit {date} hat kein {event} den Wert {value} in {property}",
    unknown_part="seit {date} enthält {property} bei keinem {event} den Text {value}",
    not_numeric="{property} von {event} ist nie eine Zahl",
    did_you_mean="{problem}; meinten Sie {nearest}?",
    failed_alike="nicht gemessen",
    failed="nicht gemessen: {reason}",
    too_little_history="zu wenig Vorgeschichte: Die Daten beginnen am {date}",
    before_failed="der Zeitraum davor wurde nicht gemessen",
    undefined="keine Fälle in diesem Zeitraum",
    before_undefined="keine Fälle im Zeitraum davor",
    before_ripened="kein Vergleich: wer in diesem Zeitraum begann, hat für den letzten Schritt noch Zeit",
    before_other_days="kein Vergleich: der gespeicherte Bericht umfasst den Zeitraum davor nicht",
    goal_open="{share} des Ziels von {target}",
    goal_aim="Ziel {target}",
    goal_reached="Ziel von {target} erreicht",
    limit_kept="innerhalb der Grenze von {target}",
    limit_passed="über der Grenze von {target}",
    goal_by="{goal}, bis {date}",
    late="Dieser Bericht kommt verspätet: Fällig war er am {moment}.",
    next="Nächster Bericht: {date}",
    zone_assumed="Mixpanel nannte die Zeitzone des Projekts nicht; angenommen wird {zone}.",
    not_all_numbers=Plural(
        one="{label}: {n} Wert ist keine Zahl und zählt nicht mit.",
        other="{label}: {n} Werte sind keine Zahlen und zählen nicht mit.",
    ),
    sampled="Einige Zahlen schätzt Mixpanel aus einer Stichprobe der Nutzer.",
    ranked_partly="Nur die {n} häufigsten Ereignisse des Projekts konnten gereiht werden.",
    no_earlier_data="Die Daten des Projekts beginnen am {date}: {none_earlier}.",
    covers=Plural(one="umfasst {n} von {days} Tagen", other="umfasst {n} von {days} Tagen"),
    raw="{what}: {measured}.",
    all_numbers="Alle Zahlen",
    raw_events=Plural(one="aus {n} Rohereignis gemessen", other="aus {n} Rohereignissen gemessen"),
    raw_files=Plural(
        one="aus {n} Ereignis in Dateien gemessen", other="aus {n} Ereignissen in Dateien gemessen"
    ),
    raw_apart="in Mixpanel zusammengeführte Ereignisse zählen dabei einzeln",
    files_begin="aus der Zeit vor dem {date} enthalten sie nichts",
    because_plan="da der Tarif des Projekts keine Query-API hat",
    because_refused="da Mixpanel die Abfrage ablehnte",
    because_not_offered="da die Query-API nichts dergleichen misst",
    raw_duplicates=Plural(one="{n} Doppelung verworfen", other="{n} Doppelungen verworfen"),
    raw_late=Plural(one="{n} kam verspätet", other="{n} kamen verspätet"),
    raw_unreadable=Plural(one="{n} Zeile unlesbar", other="{n} Zeilen unlesbar"),
    raw_unlinked=(
        "Tage ab dem {date} hat eine frühere Version gespeichert, die nicht festhielt, wer sich später "
        "anmeldet; manche Personen zählen daher vielleicht doppelt. „reporter fetch --from {date}“ ruft sie "
        "neu ab."
    ),
    restated="{label}: im vorigen Bericht {said}, nach heutigem Stand {now}.",
    too_little_to_judge=(
        "Zu wenig Vorgeschichte, um Ungewöhnliches zu erkennen; ab dem {date} reicht sie aus."
    ),
    not_judged="Nicht auf Ungewöhnliches geprüft, da zu wenig Früheres bekannt ist: {labels}.",
    holiday="{day} war ein Feiertag: {name}.",
    part_in_place="{label} ({value})",
    part_on_device="{label} ({value})",
    part_with="{label} ({value})",
    parts_not_judged="Nicht nach {property} beurteilt: {reason}.",
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
    only="nur {conditions}",
    contains="{property} enthält {values}",
    is_set="{property} ist gesetzt",
    is_not_set="{property} ist nicht gesetzt",
    any_event="Ereignis",
    data_as_of="Datenstand {moment}",
    complete_through="vollständig bis {date}",
    more_metrics=Plural(
        one="und {n} weitere Kennzahl, hier nicht gezeigt",
        other="und {n} weitere Kennzahlen, hier nicht gezeigt",
    ),
    more_details=Plural(
        one="und {n} weitere Aufteilung, hier nicht gezeigt",
        other="und {n} weitere Aufteilungen, hier nicht gezeigt",
    ),
    ranked_of="{shown} von {known} Ereignissen",
    ranked_all=Plural(one="{n} Ereignis", other="{n} Ereignisse"),
    no_events="Keine Ereignisse in diesem Zeitraum.",
    ranking_failed="Nicht gemessen: {reason}",
    chart_not_drawn="Das Diagramm zu {label} ließ sich nicht zeichnen.",
    left_out="Einfacher dargestellt, da Slack nicht alles annahm. Es fehlt: {parts}.",
    charts="Diagramme",
    table_layout="Tabellenform",
    text_layout="Textgestaltung",
    reasons="Warum",
    more_reasons=Plural(one="und {n} weiterer Grund", other="und {n} weitere Gründe"),
    next_step="Was zu tun ist",
    notices=NoticePhrases(
        delayed=NoticeWords(
            "Der Bericht verspätet sich. Das war Versuch {number} von {of}.",
            "Noch nichts: Der nächste Versuch folgt in {minutes} Minuten.",
        ),
        uncertain=NoticeWords(
            "Der Bericht wurde vielleicht gesendet, vielleicht nicht; er wird nicht noch einmal gesendet.",
            "Im Kanal nachsehen. Fehlt der Bericht dort, {command} ausführen.",
        ),
        not_repeated=NoticeWords(
            "Der wiederholte Bericht wurde nicht gesendet.",
            "Erst `reporter check` ausführen, dann {command}.",
        ),
        not_delivered=NoticeWords(
            "Der Bericht wurde nicht gesendet.", "Erst `reporter check` ausführen, dann {command}."
        ),
        given_up=NoticeWords(
            "Der Bericht wurde nicht gesendet: Alle Versuche sind gescheitert.",
            "In den Logs unter dem Code given-up nachsehen, die Ursache beheben, dann {command} ausführen.",
        ),
        recovered=NoticeWords("Er wurde doch noch zugestellt.", "Nichts."),
        recovered_quietly=NoticeWords(
            "Er konnte doch noch erstellt werden: Nichts war ungewöhnlich.", "Nichts."
        ),
        not_judged=NoticeWords(
            "Sonst war nichts ungewöhnlich, aber einige Kennzahlen konnten nicht gemessen werden.",
            "`reporter preview {name}` ausführen: Dort steht, warum.",
        ),
        missed=NoticeWords(
            Plural(
                one="Ein Bericht wurde nicht gesendet: Als er fällig war, lief das Programm nicht.",
                other="{n} Berichte wurden nicht gesendet: Als sie fällig waren, lief das Programm nicht.",
            ),
            "Für jeden gewünschten Bericht: {command}.",
        ),
        due_on="Fällig am {moment}",
        told_late="Das war am {since}; die Meldung konnte nicht früher gesendet werden.",
    ),
    failures=FailurePhrases(
        hour_spent=(
            "Das stündliche Kontingent des Projekts bei Mixpanel ist aufgebraucht; alle, die Mixpanels "
            "API nutzen, teilen es sich"
        ),
        too_many_at_once="Bei Mixpanel laufen zu viele Abfragen dieses Projekts gleichzeitig",
        overloaded="Mixpanel ist gerade überlastet",
        rate_limited="Mixpanel nimmt für dieses Projekt vorerst keine weiteren Abfragen an ({status})",
        fault="Bei Mixpanel ist ein Fehler aufgetreten ({status})",
        too_slow="Mixpanel hat für die Antwort zu lange gebraucht",
        unreachable="Mixpanel war nicht zu erreichen: {said}",
        no_answer="Mixpanel hat nicht rechtzeitig geantwortet",
        cut_off="Die Antwort von Mixpanel kam nicht vollständig an",
        plan_without_query_api=(
            "Der Mixpanel-Tarif dieses Projekts enthält die Query API nicht ({status}). Einen höheren "
            "Tarif buchen oder die Zahlen aus dem Rohdaten-Export nehmen"
        ),
        plan_without_export=(
            "Der Mixpanel-Tarif dieses Projekts enthält den Rohdaten-Export nicht ({status}). Einen "
            "höheren Tarif buchen"
        ),
        account_refused=(
            "Mixpanel akzeptiert das Servicekonto nicht (401). {settings} prüfen und unter Organization "
            "Settings > Service Accounts nachsehen, ob es abgelaufen ist"
        ),
        access_refused=(
            "Das Servicekonto darf dieses Projekt nicht lesen ({status}). Ihm unter Project Settings > "
            "Users mindestens die Rolle Consumer geben"
        ),
        not_found="Mixpanel findet die Daten dieses Projekts nicht ({status}). {settings} prüfen",
        out_of_reach="So alte Daten gibt Mixpanel für dieses Projekt nicht heraus ({status})",
        refused="Mixpanel hat die Abfrage abgelehnt ({status})",
        not_offered=(
            'Die Query API von Mixpanel kann diese Kennzahl so nicht messen; mit source = "auto" wird sie'
            " aus Rohereignissen gemessen"
        ),
        unclear_answer="Aus der Antwort von Mixpanel geht diese Zahl nicht hervor",
        needs_query_api=(
            "Ein in Mixpanel gespeicherter Bericht braucht die Query API, die der Tarif womöglich nicht "
            "enthält. Die Kennzahl über ihre Ereignisse definieren"
        ),
        events_missing="Es fehlen Rohereignisse ({days}). Sie müssen zuerst abgerufen werden",
        files_begin_late="Die Dateien reichen nicht bis zum {days} zurück. Ältere Dateien hinzufügen",
        files_end_early="Die Dateien reichen nicht bis zum {days}. Vielleicht sind die letzten noch nicht da",
        no_events="Das Projekt hat keines der Ereignisse, um die es in diesem Bericht geht",
        other="{said}",
    ),
)
