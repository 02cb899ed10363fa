"""A report in French."""

from reporter.render.notice_phrases import FailurePhrases, NoticePhrases, NoticeWords, Plural
from reporter.render.phrases import CadenceWords, Words

WORDS = Words(
    daily=CadenceWords("pas de jour antérieur à comparer", "niveau quotidien", "le même jour l’an dernier"),
    weekly=CadenceWords(
        "pas de semaine antérieure à comparer", "niveau hebdomadaire", "la même semaine l’an dernier"
    ),
    biweekly=CadenceWords(
        "pas de semaines antérieures à comparer", "niveau sur deux semaines", "ces semaines l’an dernier"
    ),
    monthly=CadenceWords("pas de mois antérieur à comparer", "niveau mensuel", "le même mois l’an dernier"),
    custom=CadenceWords("pas de période antérieure à comparer", "niveau", "les mêmes jours l’an dernier"),
    yesterday="hier",
    on_day="le {dates}",
    last_week="la semaine dernière",
    last_seven_days="ces sept derniers jours",
    week_of="la semaine du {dates}",
    last_two_weeks="ces deux dernières semaines",
    two_weeks_of="les deux semaines du {dates}",
    in_month="en {month}",
    in_days="(du {dates})",
    through=" au ",
    a_week_earlier="une semaine plus tôt",
    the_week_before="la semaine précédente",
    the_two_weeks_before="les deux semaines précédentes",
    the_month_before="le mois précédent",
    the_days_before=Plural(one="la veille", other="les {n} jours précédents"),
    up="{what}, en hausse de {percent}| ({previous} {before}).",
    down="{what}, en baisse de {percent}| ({previous} {before}).",
    unchanged="{what}|, comme {before}.",
    appeared="{what}|, contre aucun {before}.",
    change_per_day="{change} par jour",
    alone="{what}|.",
    labelled="{label}\u00a0: {value}",
    busiest="{event} est l’événement le plus fréquent\u00a0: {times}, {share} de tous les événements.",
    times=Plural(one="{n} fois", other="{n} fois"),
    nothing_happened="Aucune activité {now}|\u00a0: tout ce qui a été mesuré est à zéro.",
    not_measured_because="Non mesurés ({n} indicateurs)\u00a0: {reason}.",
    not_measured="Non mesuré\u00a0: {labels}.",
    others=Plural(one="{n} autre", other="{n} autres"),
    unusual_day_up="{label}\u00a0: {actual} le {day}| (d’habitude environ {expected}), période normale.",
    unusual_day_down="{label}\u00a0: {actual} seulement le {day}| (d’habitude {expected}), période normale.",
    together_up="{count} indicateurs sur {among} sont inhabituellement hauts en même temps|.",
    together_down="{count} indicateurs sur {among} sont inhabituellement bas en même temps|.",
    usual="d’habitude {range}",
    record_up="{label}\u00a0: {value}|, le plus haut {span} {since}.",
    record_down="{label}\u00a0: {value}|, le plus bas {span} {since}.",
    since_day="depuis le {date}",
    since_month="depuis {date}",
    of_known="sur {known} connus",
    milestone="{label}\u00a0: {passed} dépassé pour la première fois|, avec {value} {now}.",
    nothing_unusual=Plural(
        one="L’indicateur est à son niveau habituel.",
        other="Les {n} indicateurs sont à leur niveau habituel.",
    ),
    stopped="{label}\u00a0: plus rien depuis le {day}| (d’habitude {expected} par jour). Vérifiez le suivi.",
    gap="{label}\u00a0: rien reçu le {day}| (environ {expected} d’habitude). Vérifiez le suivi.",
    incomplete="Données du {day} encore incomplètes|\u00a0: environ {share} de l’habitude est arrivé.",
    duplicates="{label}\u00a0: {times} fois plus par utilisateur depuis le {day}|. Vérifiez les doublons.",
    all_zero="Plus rien n’a été reçu depuis le {day}|. Vérifiez le suivi.",
    country=Plural(one="pays", other="pays"),
    region=Plural(one="région", other="régions"),
    city=Plural(one="ville", other="villes"),
    operating_system=Plural(one="système d’exploitation", other="systèmes d’exploitation"),
    browser=Plural(one="navigateur", other="navigateurs"),
    device=Plural(one="appareil", other="appareils"),
    source=Plural(one="source", other="sources"),
    new="nouveau",
    no_change="sans changement",
    points="pt",
    unknown_event="aucun événement nommé {event}",
    unknown_property="depuis le {date}, aucun {event} n’a de propriété {property}",
    unknown_value="depuis le {date}, aucun {event} n’a la valeur {value} dans {property}",
    unknown_part="depuis le {date}, {property} ne contient {value} pour aucun {event}",
    not_numeric="{property} de {event} n’est jamais un nombre",
    did_you_mean="{problem}\u00a0; vouliez-vous dire {nearest}\u00a0?",
    before_failed="la période précédente n’a pas été mesurée",
    undefined="aucun cas sur cette période",
    before_undefined="aucun cas sur la période précédente",
    before_ripened="pas de comparaison\u00a0: ces utilisateurs ont encore du temps pour la dernière étape",
    before_other_days="pas de comparaison\u00a0: le rapport enregistré ne couvre pas la période précédente",
    goal_open="{share} de l’objectif de {target}",
    goal_aim="objectif {target}",
    goal_reached="objectif de {target} atteint",
    limit_kept="dans la limite de {target}",
    limit_passed="au-dessus de la limite de {target}",
    goal_by="{goal}, d’ici le {date}",
    late_for_data="Ce rapport a attendu ses données\u00a0: il était prévu le {moment}.",
    late="Ce rapport est en retard\u00a0: il était attendu le {moment}.",
    next="Prochain rapport\u00a0: {date}",
    zone_assumed="Mixpanel n’a pas indiqué le fuseau horaire du projet\u00a0; {zone} est supposé.",
    not_all_numbers=Plural(
        one="{label}\u00a0: {n} valeur n’est pas un nombre et n’est pas comptée.",
        other="{label}\u00a0: {n} valeurs ne sont pas des nombres et ne sont pas comptées.",
    ),
    sampled="Certains chiffres sont estimés par Mixpanel à partir d’un échantillon d’utilisateurs.",
    ranked_partly="Seuls les {n} événements les plus courants du projet ont pu être classés.",
    no_earlier_data="Les données du projet commencent le {date}\u00a0: {none_earlier}.",
    no_data_of="pas de données pour {what}",
    covers=Plural(one="couvre {n} jour sur {days}", other="couvre {n} jours sur {days}"),
    raw="{what}\u00a0: {measured}.",
    all_numbers="Tous les chiffres",
    raw_events=Plural(one="mesure sur {n} événement brut", other="mesure sur {n} événements bruts"),
    raw_files=Plural(
        one="mesure sur {n} événement en fichiers", other="mesure sur {n} événements en fichiers"
    ),
    raw_apart="les événements fusionnés dans Mixpanel y comptent séparément",
    files_begin="ils ne contiennent rien d’avant le {date}",
    because_plan="car l’offre du projet n’a pas la Query API",
    because_refused="car Mixpanel a refusé la requête",
    because_not_offered="car la Query API ne mesure rien de tel",
    raw_duplicates=Plural(one="{n} doublon écarté", other="{n} doublons écartés"),
    raw_late=Plural(one="{n} arrivé tard", other="{n} arrivés tard"),
    raw_unreadable=Plural(one="{n} ligne illisible", other="{n} lignes illisibles"),
    raw_unlinked=(
        "À partir du {date}, des jours ont été enregistrés par une version antérieure, qui ne notait pas qui "
        "s’est connecté ensuite\u00a0: certaines personnes peuvent compter deux fois. "
        "«\u00a0reporter fetch --from {date}\u00a0» les récupère à nouveau."
    ),
    restated="{label}\u00a0: {said} dans le rapport précédent, {now} aujourd’hui.",
    too_little_to_judge="Historique trop court pour en juger\u00a0; il suffira à partir du {date}.",
    not_judged="Non comparés à l’habitude, faute d’historique suffisant\u00a0: {labels}.",
    holiday="Le {day} était férié\u00a0: {name}.",
    parts_not_judged="Non examinés par {property}\u00a0: {reason}.",
    causes_not_looked_for="Les causes n’ont pas été cherchées\u00a0: {reason}.",
    goal_title="Objectif",
    usual_title="Habituel",
    before="Avant",
    users="Utilisateurs",
    value="Valeur",
    metric="Indicateur",
    usual_range="habituel",
    usual_to="habituel, max.",
    usual_from="habituel, min.",
    open_in_mixpanel="Ouvrir dans Mixpanel",
    data_begins="les données commencent le {date}",
    missing="Non mesuré\u00a0: {groups}.",
    before_value="contre {previous}",
    with_property="{property} {values}",
    from_source="source {values}",
    on_device="{values}",
    part_new="{where} (nouveau)",
    part_gone="{where} (disparu)",
    part_larger="{where} (plus grande part du tout)",
    part_smaller="{where} (plus petite part du tout)",
    alike="Partout pareil\u00a0: par {properties}.",
    of_part="{label} ({where})",
    in_place="{values}",
    same_places="Aux mêmes endroits.",
    cause_lead="Pour environ {share}\u00a0: {where}, et en partie {others}.",
    cause_share="Pour environ {share}\u00a0: {where}.",
    cause_most="En majeure partie\u00a0: {where}.",
    cause_all="Presque entièrement\u00a0: {where}.",
    others_as_usual=Plural(
        one="{n} autre indicateur est à son niveau habituel.",
        other="Les {n} autres indicateurs sont à leur niveau habituel.",
    ),
    worse="moins bien",
    better="mieux",
    below_usual="environ {percent} en dessous de l’habitude",
    above_usual="environ {percent} au-dessus de l’habitude",
    joint="\u00a0; ",
    stands_at="{label}\u00a0: {value}|",
    moved_few_down="{label}\u00a0: {value}, contre {previous} {before}|",
    moved_few_up="{label}\u00a0: {value}, contre {previous} {before}|",
    moved_down="{label}\u00a0: {value}, en baisse de {change}|",
    moved_up="{label}\u00a0: {value}, en hausse de {change}|",
    down_few="{what}|, contre {previous} {before}.",
    up_few="{what}|, contre {previous} {before}.",
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
    only="uniquement {conditions}",
    contains="{property} contient {values}",
    is_set="{property} est défini",
    is_not_set="{property} n’est pas défini",
    any_event="événement",
    compared_with="comparaison\u00a0: {dates}",
    complete_through="données complètes jusqu’au {date}, {zone}",
    more_metrics=Plural(
        one="et {n} autre indicateur, non affiché ici", other="et {n} autres indicateurs, non affichés ici"
    ),
    more_details=Plural(
        one="et {n} autre répartition, non affichée ici",
        other="et {n} autres répartitions, non affichées ici",
    ),
    ranked_of="{shown} événements sur {known}",
    ranked_all=Plural(one="{n} événement", other="{n} événements"),
    no_events="Aucun événement pendant cette période.",
    chart_not_drawn="Le graphique de {label} n’a pas pu être tracé.",
    left_out="Présentation simplifiée, car Slack n’a pas tout accepté. Il manque\u00a0: {parts}.",
    charts="graphiques",
    table_layout="mise en tableau",
    text_layout="mise en forme du texte",
    reasons="Pourquoi",
    more_reasons=Plural(one="et {n} autre raison", other="et {n} autres raisons"),
    next_step="Que faire",
    notices=NoticePhrases(
        delayed=NoticeWords(
            "Le rapport a du retard. C’était la tentative {number} sur {of}.",
            "Rien pour l’instant\u00a0: la prochaine tentative aura lieu dans {minutes} minutes.",
        ),
        uncertain=NoticeWords(
            "Le rapport a peut-être été envoyé, peut-être pas\u00a0; il n’est pas renvoyé.",
            "Vérifier dans le canal. Si le rapport n’y est pas, exécuter {command}.",
        ),
        not_repeated=NoticeWords(
            "Le rapport répété n’a pas été envoyé.", "Exécuter `reporter check`, puis {command}."
        ),
        not_delivered=NoticeWords(
            "Le rapport n’a pas été envoyé.", "Exécuter `reporter check`, puis {command}."
        ),
        given_up=NoticeWords(
            "Le rapport n’a pas été envoyé\u00a0: toutes les tentatives ont échoué.",
            "Chercher le code given-up dans les journaux, corriger la cause, puis exécuter {command}.",
        ),
        recovered=NoticeWords("Il a finalement été remis.", "Rien."),
        recovered_quietly=NoticeWords("Il a finalement pu être établi\u00a0: rien d’inhabituel.", "Rien."),
        not_judged=NoticeWords(
            "Rien d’inhabituel par ailleurs, mais certains indicateurs n’ont pas pu être mesurés.",
            "Exécuter `reporter preview {name}`\u00a0: la raison y est indiquée.",
        ),
        missed=NoticeWords(
            Plural(
                one="Un rapport n’a pas été envoyé\u00a0: le programme ne tournait pas à l’heure prévue.",
                other=(
                    "{n} rapports n’ont pas été envoyés\u00a0: le programme ne tournait pas aux heures "
                    "prévues."
                ),
            ),
            "Pour chaque rapport souhaité\u00a0: {command}.",
        ),
        due_on="Prévu le {moment}",
        told_late="C’était le {since}\u00a0; l’avis n’a pas pu être envoyé plus tôt.",
    ),
    failures=FailurePhrases(
        hour_spent=(
            "le quota horaire du projet chez Mixpanel est épuisé\u00a0; tous ceux qui utilisent l’API de "
            "Mixpanel se le partagent"
        ),
        too_many_at_once="trop de requêtes de ce projet sont en cours chez Mixpanel",
        overloaded="Mixpanel est surchargé pour le moment",
        rate_limited="Mixpanel n’accepte plus de requêtes de ce projet pour le moment ({status})",
        fault="une erreur s’est produite chez Mixpanel ({status})",
        too_slow="Mixpanel a mis trop de temps à répondre",
        unreachable="Mixpanel n’a pas pu être joint\u00a0: {said}",
        no_answer="Mixpanel n’a pas répondu à temps",
        cut_off="la réponse de Mixpanel est arrivée incomplète",
        plan_without_query_api=(
            "l’offre Mixpanel de ce projet n’inclut pas la Query API ({status}). Passer à une offre "
            "supérieure, ou prendre les chiffres dans l’export des données brutes"
        ),
        plan_without_export=(
            "l’offre Mixpanel de ce projet n’inclut pas l’export des données brutes ({status}). Passer à "
            "une offre supérieure"
        ),
        account_refused=(
            "Mixpanel refuse le compte de service (401). Vérifier {settings}, et dans Organization "
            "Settings > Service Accounts qu’il n’a pas expiré"
        ),
        access_refused=(
            "le compte de service n’a pas le droit de lire ce projet ({status}). Lui donner au moins le "
            "rôle Consumer dans Project Settings > Users"
        ),
        not_found="Mixpanel ne trouve pas les données de ce projet ({status}). Vérifier {settings}",
        out_of_reach="Mixpanel ne donne pas accès à des données aussi anciennes de ce projet ({status})",
        refused="Mixpanel a refusé la requête ({status})",
        not_offered=(
            "la Query API de Mixpanel ne peut pas mesurer cet indicateur tel quel\u00a0; avec source = "
            '"auto", il est mesuré sur les événements bruts'
        ),
        unclear_answer="la réponse de Mixpanel ne permet pas d’établir ce chiffre",
        needs_query_api=(
            "un rapport enregistré dans Mixpanel nécessite la Query API, que l’offre n’inclut peut-être "
            "pas. Définir l’indicateur par ses événements"
        ),
        events_missing="des événements bruts manquent ({days}). Il faut d’abord les récupérer",
        files_begin_late="les fichiers ne remontent pas jusqu’au {days}. Ajouter des fichiers plus anciens",
        files_end_early="les fichiers s’arrêtent avant le {days}. Les derniers manquent peut-être encore",
        no_events="le projet n’a aucun des événements dont traite ce rapport",
        other="{said}",
    ),
)
