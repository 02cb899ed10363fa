"""A report in French."""

from reporter.render.phrases import PeriodWords, Plural, Words

FRENCH = Words(
    daily=PeriodWords(
        "hier", "le même jour une semaine plus tôt", "pas de jour antérieur à comparer", "niveau quotidien"
    ),
    weekly=PeriodWords(
        "cette semaine",
        "la semaine précédente",
        "pas de semaine antérieure à comparer",
        "niveau hebdomadaire",
    ),
    biweekly=PeriodWords(
        "ces deux dernières semaines",
        "les deux semaines précédentes",
        "pas de semaines antérieures à comparer",
        "niveau sur deux semaines",
    ),
    monthly=PeriodWords(
        "ce mois-ci", "le mois précédent", "pas de mois antérieur à comparer", "niveau mensuel"
    ),
    dates=PeriodWords("({now})", "({before})", "pas de période antérieure à comparer", "niveau"),
    up="{what} {now}, en hausse de {percent} par rapport à {previous} {before}.",
    down="{what} {now}, en baisse de {percent} par rapport à {previous} {before}.",
    unchanged="{what} {now}, sans changement par rapport à {previous} {before}.",
    appeared="{what} {now}, contre aucun {before}.",
    alone="{what} {now}.",
    labelled="{label}\u00a0: {value}",
    busiest="{event} est l’événement le plus fréquent\u00a0: {times}, {share} de tous les événements.",
    times=Plural("{n} fois", "{n} fois"),
    nothing_happened="Aucune activité {now}\u00a0: tout ce qui a été mesuré est à zéro.",
    not_measured="Non mesuré\u00a0: {labels}.",
    others=Plural("{n} autre", "{n} autres"),
    unusual_up="{label}\u00a0: {value}, au-dessus de la plage habituelle {low}–{high}.",
    unusual_down="{label}\u00a0: {value}, en dessous de la plage habituelle {low}–{high}.",
    unusual_users_up="{label}\u00a0: {value}, environ {percent} au-dessus de l’habitude.",
    unusual_users_down="{label}\u00a0: {value}, environ {percent} en dessous de l’habitude.",
    unusual_day_up=(
        "{label}\u00a0: période habituelle, mais {actual} le {day}, contre environ {expected} d’habitude."
    ),
    unusual_day_down=(
        "{label}\u00a0: période habituelle, mais seulement {actual} le {day}, contre environ "
        "{expected} d’habitude."
    ),
    together_up="{count} indicateurs sur {among} sont ensemble inhabituellement hauts.",
    together_down="{count} indicateurs sur {among} sont ensemble inhabituellement bas.",
    usual="d’habitude {low}–{high}",
    record_up="{label}\u00a0: {value}, le plus haut {span} {since}.",
    record_down="{label}\u00a0: {value}, le plus bas {span} {since}.",
    since_day="depuis le {date}",
    since_month="depuis {date}",
    of_known="sur {known} connus",
    milestone="{label}\u00a0: {passed} dépassé pour la première fois, avec {value} {now}.",
    nothing_unusual=Plural(
        "Rien d’inhabituel\u00a0: l’indicateur est dans sa plage habituelle.",
        "Rien d’inhabituel\u00a0: les {n} indicateurs sont dans leur plage habituelle.",
    ),
    stopped=(
        "{label}\u00a0: plus rien reçu depuis le {day} (environ {expected} par jour d’habitude). "
        "Vérifiez le suivi."
    ),
    gap="{label}\u00a0: rien reçu le {day} (environ {expected} d’habitude). Vérifiez le suivi.",
    incomplete=(
        "Les données du {day} ne sont pas encore complètes\u00a0: environ {share} de l’habitude est arrivé."
    ),
    duplicates=(
        "{label}\u00a0: environ {times} fois plus par utilisateur que d’habitude depuis le {day}. "
        "Vérifiez les doublons."
    ),
    all_zero="Plus rien n’a été reçu depuis le {day}. Vérifiez le suivi.",
    explains_up=Plural(
        "{values} explique environ {share} de la hausse", "{values} expliquent environ {share} de la hausse"
    ),
    explains_down=Plural(
        "{values} explique environ {share} de la baisse", "{values} expliquent environ {share} de la baisse"
    ),
    also_explains="{values} environ {share}",
    nearly_all_up="Presque toute la hausse correspond à {values}",
    nearly_all_down="Presque toute la baisse correspond à {values}",
    nearly_all_part="{values} (environ {share})",
    users_overlap="Ce sont des parts d’utilisateurs, qui peuvent se recouper.",
    country=Plural("pays", "pays"),
    region=Plural("région", "régions"),
    city=Plural("ville", "villes"),
    operating_system=Plural("système d’exploitation", "systèmes d’exploitation"),
    browser=Plural("navigateur", "navigateurs"),
    device=Plural("appareil", "appareils"),
    source=Plural("source", "sources"),
    new="nouveau",
    no_change="sans changement",
    points="pt",
    versus="{change} contre {previous}",
    unknown_event="aucun événement nommé {event}",
    did_you_mean="{problem}\u00a0; vouliez-vous dire {nearest}\u00a0?",
    failed="non mesuré\u00a0: {reason}",
    too_little_history="historique trop court\u00a0: les données commencent le {date}",
    before_failed="la période précédente n’a pas été mesurée",
    undefined="aucun cas sur cette période",
    before_undefined="aucun cas sur la période précédente",
    goal_open="{share} de l’objectif de {target}",
    goal_aim="objectif {target}",
    goal_reached="objectif de {target} atteint",
    limit_kept="dans la limite de {target}",
    limit_passed="au-dessus de la limite de {target}",
    goal_by="{goal}, d’ici le {date}",
    late="Ce rapport est en retard\u00a0: il était attendu le {moment}.",
    next="Prochain rapport\u00a0: {date}",
    zone_assumed="Mixpanel n’a pas indiqué le fuseau horaire du projet\u00a0; {zone} est supposé.",
    sampled="Certains chiffres sont estimés par Mixpanel à partir d’un échantillon d’utilisateurs.",
    ranked_partly="Seuls les {n} événements les plus courants du projet ont pu être classés.",
    no_earlier_data="Les données du projet commencent le {date}\u00a0: {none_earlier}.",
    raw="{what}\u00a0: {measured}.",
    all_numbers="Tous les chiffres",
    raw_events=Plural("mesure sur {n} événement brut", "mesure sur {n} événements bruts"),
    raw_files=Plural("mesure sur {n} événement en fichiers", "mesure sur {n} événements en fichiers"),
    because_plan="car l’offre du projet n’a pas la Query API",
    because_refused="car Mixpanel a refusé la requête",
    because_not_offered="car la Query API ne mesure rien de tel",
    raw_duplicates=Plural("{n} doublon écarté", "{n} doublons écartés"),
    raw_late=Plural("{n} arrivé tard", "{n} arrivés tard"),
    raw_unreadable=Plural("{n} ligne illisible", "{n} lignes illisibles"),
    restated="{label}\u00a0: {said} dans le rapport précédent, {now} aujourd’hui.",
    too_little_to_judge=(
        "Historique trop court pour dire ce qui est inhabituel\u00a0; il suffira à partir du {date}."
    ),
    holiday="Le {day} était férié\u00a0: {name}.",
    causes_not_looked_for="Les causes n’ont pas été cherchées\u00a0: {reason}.",
    summary="Résumé",
    key_metrics="Chiffres clés",
    top_events="Événements principaux",
    event="Événement",
    count="Nombre",
    change="Évolution",
    share="Part",
    by_property="par {property}",
    step_by_step="étape par étape",
    not_set="(non renseigné)",
    all_others="tous les autres",
    quoted="«\u00a0{name}\u00a0»",
    nameless="(sans nom)",
    this_period="Cette période",
    period_before="Période précédente",
    per_day="{label}, moyenne par jour",
    compared_with="par rapport à {dates}",
    zone="fuseau {zone}",
    data_as_of="Données du {moment}",
    complete_through="complètes jusqu’au {date}",
    more_metrics=Plural(
        "et {n} autre indicateur, non affiché ici", "et {n} autres indicateurs, non affichés ici"
    ),
    more_details=Plural(
        "et {n} autre répartition, non affichée ici", "et {n} autres répartitions, non affichées ici"
    ),
    ranked_of="{shown} événements sur {known}",
    ranked_all=Plural("{n} événement", "{n} événements"),
    no_events="Aucun événement pendant cette période.",
    ranking_failed="Non mesuré\u00a0: {reason}",
    chart_not_drawn="Le graphique de {label} n’a pas pu être tracé.",
    left_out="Présentation simplifiée, car Slack n’a pas tout accepté. Il manque\u00a0: {parts}.",
    charts="graphiques",
    table_layout="mise en tableau",
    text_layout="mise en forme du texte",
    reasons="Pourquoi",
    more_reasons=Plural("et {n} autre raison", "et {n} autres raisons"),
    next_step="Que faire",
)
