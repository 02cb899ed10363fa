"""A report in French."""

from reporter.render.phrases import PeriodWords, Plural, Words

FRENCH = Words(
    daily=PeriodWords("hier", "le même jour une semaine plus tôt", "pas de jour antérieur à comparer"),
    weekly=PeriodWords("cette semaine", "la semaine précédente", "pas de semaine antérieure à comparer"),
    biweekly=PeriodWords(
        "ces deux dernières semaines",
        "les deux semaines précédentes",
        "pas de semaines antérieures à comparer",
    ),
    monthly=PeriodWords("ce mois-ci", "le mois précédent", "pas de mois antérieur à comparer"),
    dates=PeriodWords("({now})", "({before})", "pas de période antérieure à comparer"),
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
    new="nouveau",
    no_change="sans changement",
    points="pt",
    versus="{change} contre {previous}",
    unknown_event="aucun événement nommé {event}",
    did_you_mean="{problem}\u00a0; vouliez-vous dire {nearest}\u00a0?",
    failed="non mesuré\u00a0: {reason}",
    too_little_history="historique trop court\u00a0: les données commencent le {date}",
    before_failed="la période précédente n’a pas été mesurée",
    late="Ce rapport est en retard\u00a0: il était attendu le {moment}.",
    next="Prochain rapport\u00a0: {date}",
    zone_assumed="Mixpanel n’a pas indiqué le fuseau horaire du projet\u00a0; {zone} est supposé.",
    sampled="Certains chiffres sont estimés par Mixpanel à partir d’un échantillon d’utilisateurs.",
    ranked_partly="Seuls les {n} événements les plus courants du projet ont pu être classés.",
    no_earlier_data="Les données du projet commencent le {date}\u00a0: {none_earlier}.",
    summary="Résumé",
    key_metrics="Chiffres clés",
    top_events="Événements principaux",
    event="Événement",
    count="Nombre",
    change="Évolution",
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
