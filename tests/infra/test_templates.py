"""What the Bicep templates promise, read from their text: Bicep's compiler is not run here."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from reporter.azure import QUEUE, STORAGE
from reporter.config.environment import SETTINGS
from tests.infra.bicep import Declaration, Template, entries, flat

ROOT = Path(__file__).parents[2]
INFRA = ROOT / "infra"
MAIN = Template(INFRA / "main.bicep")
MODULES = {path.name: Template(path) for path in sorted((INFRA / "app").glob("*.bicep"))}
TEMPLATES = [MAIN, *MODULES.values()]
BUILT_IN = {
    "contains", "empty", "existing", "false", "filter", "for", "guid", "if", "in", "items", "map", "null",
    "replace", "subscription", "subscriptionResourceId",
    "targetScope", "tenant", "toLower", "toObject", "true", "union", "uniqueString",
}  # fmt: skip
# Microsoft, "Azure built-in roles".
ROLES = {
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
    "974c5e8b-45b9-4653-ba55-5f855dd0fb88": "Storage Queue Data Contributor",
    "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3": "Storage Table Data Contributor",
    "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
    "3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher",
}
SECRETS = {"MIXPANEL_SECRET", "SLACK_WEBHOOK_URL", "SLACK_BOT_TOKEN", "ERROR_WEBHOOK_URL", "HEARTBEAT_URL"}

each_template = pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.path.name)


def _words(template: Template) -> str:
    """The template's text without its comments, in small letters."""
    return " ".join(token.text for token in flat(template.tokens)).lower()


def _locals(template: Template) -> set[str]:
    """Names that lambdas and loops bring in."""
    text = template.path.read_text(encoding="utf-8")
    return set(re.findall(r"(\w+) =>", text)) | set(re.findall(r"\bfor (\w+) in\b", text))


def _main_map(variable: str) -> dict[str, str]:
    """Which parameter each setting of main's `settings` or `secrets` comes from."""
    found = entries(MAIN.named("var")[variable].body)
    return {name: value[0].text for name, value in found.items()}


@each_template
def test_every_name_that_is_used_is_declared(template: Template):
    declared = {found.name for found in template.declarations if found.kind != "output"}

    assert set(template.words) - declared - BUILT_IN - _locals(template) == set()


@each_template
def test_every_parameter_and_variable_is_used(template: Template):
    declared = {found.name for found in template.declarations if found.kind in ("param", "var")}

    assert declared - set(template.words) == set()


@each_template
def test_every_name_is_declared_once(template: Template):
    counted = Counter(found.name for found in template.declarations if found.kind != "output")

    assert [name for name, times in counted.items() if times > 1] == []


def test_every_module_exists_and_none_is_left_over():
    used = [module.target for module in MAIN.named("module").values()]

    assert sorted(used) == sorted(f"app/{name}" for name in MODULES)


@pytest.mark.parametrize("module", MAIN.named("module").values(), ids=lambda module: module.name)
def test_every_module_is_given_what_it_asks_for(module: Declaration):
    asked = Template(INFRA / module.target).named("param")
    required = {name for name, param in asked.items() if not param.body}
    given = set(entries(module.object_at("params")))

    assert required <= given <= set(asked)


def test_every_output_of_a_module_that_is_read_exists():
    tokens = [token.text for token in flat(MAIN.tokens)]
    read = [
        (tokens[at - 2], tokens[at + 2])
        for at, text in enumerate(tokens)
        if text == "outputs" and tokens[at - 1] == "."
    ]
    modules = MAIN.named("module")

    assert read
    for module, output in read:
        assert output in Template(INFRA / modules[module].target).named("output"), f"{module}.{output}"


def test_every_api_version_is_a_stable_one_and_one_for_each_type():
    targets = {found.target for template in TEMPLATES for found in template.named("resource").values()}
    versioned = {target for target in targets if "@" in target}
    types = Counter(target.split("@")[0] for target in versioned)

    assert all(re.fullmatch(r"Microsoft\.[\w./]+@20\d\d-\d\d-\d\d", target) for target in versioned)
    assert [name for name, times in types.items() if times > 1] == []


@each_template
def test_no_key_is_ever_asked_for(template: Template):
    for forbidden in ("listkeys", "listaccountsas", "accountkey", "sharedaccesskey", "instrumentationkey"):
        assert forbidden not in _words(template)


def test_the_storage_account_takes_no_keys_and_no_strangers():
    storage = MODULES["storage.bicep"].named("resource")
    properties = {
        key: value[0].text for key, value in entries(storage["storage"].object_at("properties")).items()
    }

    assert properties["allowSharedKeyAccess"] == "false"
    assert properties["allowBlobPublicAccess"] == "false"
    assert properties["supportsHttpsTrafficOnly"] == "true"
    assert properties["minimumTlsVersion"] == "TLS1_2"
    assert storage["package"].object_at("properties", "publicAccess")[0].text == "None"


def test_the_queues_are_those_the_functions_listen_to():
    nested = MODULES["storage.bicep"].named("resource").values()
    queues = {found.object_at("name")[0].text for found in nested if found.target == "queues"}

    assert queues == {QUEUE, f"{QUEUE}-poison"}


def test_the_vault_gives_secrets_to_roles_only():
    vault = MODULES["vault.bicep"].named("resource")["vault"]

    assert vault.object_at("properties", "enableRbacAuthorization")[0].text == "true"
    assert vault.object_at("properties", "enableSoftDelete")[0].text == "true"
    assert "accesspolicies" not in _words(MODULES["vault.bicep"])


def test_logs_are_written_by_identity_only():
    insights = MODULES["monitoring.bicep"].named("resource")["insights"]

    assert insights.object_at("properties", "DisableLocalAuth")[0].text == "true"
    assert _app_setting("APPLICATIONINSIGHTS_AUTHENTICATION_STRING") == "ClientId=${};Authorization=AAD"


def test_every_role_is_one_of_the_five_and_each_is_given():
    roles = MODULES["roles.bicep"]
    identifier = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
    named = {token.text for token in flat(roles.tokens) if identifier.fullmatch(token.text)}

    assert named == set(ROLES)
    assert all(name in roles.words for name in roles.named("var"))
    for template in (MAIN, *(other for other in MODULES.values() if other is not roles)):
        assert "roleassignments" not in _words(template)


def test_every_role_is_given_on_one_resource():
    resources = MODULES["roles.bicep"].named("resource")
    assignments = [found for found in resources.values() if "roleAssignments" in found.target]
    scopes = {found.name: found.object_at("scope")[0].text for found in assignments}

    assert scopes == {"onStorage": "storage", "onVault": "vault", "onInsights": "insights"}
    assert all(resources[scope].is_existing for scope in scopes.values())
    for found in assignments:
        assert found.object_at("properties", "principalType")[0].text == "ServicePrincipal"


def test_the_app_waits_for_its_roles():
    waits = [token.text for token in MAIN.named("module")["api"].object_at("dependsOn")]

    assert "roles" in waits


def test_every_setting_a_person_sets_is_wired():
    wired = _main_map("settings").keys() | _main_map("secrets").keys()

    assert wired == set(SETTINGS) - {"REPORTER_API_KEY"}  # Azure has function keys of its own


def test_every_secret_is_a_secure_parameter_that_goes_to_the_vault_alone():
    params = MAIN.named("param")
    secrets = _main_map("secrets")
    used = Counter(MAIN.words)

    assert set(secrets) == SECRETS
    for name in secrets.values():
        assert "secure" in params[name].decorators, name
        assert used[name] == 1, f"{name} is used beside the vault"
    assert not {"secure"} & {
        mark for name in _main_map("settings").values() for mark in params[name].decorators
    }
    assert "secure" in MODULES["vault.bicep"].named("param")["secrets"].decorators
    readers = [
        name for name, module in MAIN.named("module").items() if "secrets" in {t.text for t in module.body}
    ]
    assert readers == ["vault", "api"]
    assert [token.text for token in MAIN.named("module")["api"].object_at("params", "secretNames")][-4:] == [
        "secret", ".", "key", ")",
    ]  # fmt: skip


def test_no_output_carries_a_secret():
    for template in TEMPLATES:
        for output in template.named("output").values():
            assert "secret" not in " ".join(token.text.lower() for token in flat(output.body))


def test_the_app_reads_secrets_by_references_without_a_version():
    text = [token.text for token in flat(MODULES["api.bicep"].named("var")["references"].body)]

    assert "@Microsoft.KeyVault(SecretUri=${}secrets/${})" in text
    app = MODULES["api.bicep"].named("resource")["app"]
    assert app.object_at("properties", "keyVaultReferenceIdentity")[0].text == "identityId"


def _app_setting(name: str) -> str:
    return entries(MODULES["api.bicep"].named("var")["platformSettings"].body)[name][0].text


def test_the_host_reaches_its_storage_by_identity():
    settings = entries(MODULES["api.bicep"].named("var")["platformSettings"].body)

    assert _app_setting(f"{STORAGE}__credential") == "managedidentity"
    assert {name for name in settings if name.startswith(STORAGE)} == {
        f"{STORAGE}__{name}"
        for name in ("credential", "clientId", "blobServiceUri", "queueServiceUri", "tableServiceUri")
    }


@each_template
def test_no_setting_is_set_that_flex_consumption_does_not_take(template: Template):
    # Microsoft, "App settings reference for Azure Functions", Flex Consumption plan deprecations.
    for setting in (
        "FUNCTIONS_WORKER_RUNTIME", "FUNCTIONS_EXTENSION_VERSION", "WEBSITE_RUN_FROM_PACKAGE",
        "SCM_DO_BUILD_DURING_DEPLOYMENT", "ENABLE_ORYX_BUILD", "WEBSITE_TIME_ZONE", "linuxFxVersion",
        "ftpsState", "alwaysOn",
    ):  # fmt: skip
        assert setting.lower() not in _words(template)


def test_the_app_runs_python_3_13_on_flex_consumption():
    api = MODULES["api.bicep"].named("resource")
    runtime = api["app"].object_at("properties", "functionAppConfig", "runtime")

    assert {key: value[0].text for key, value in entries(runtime).items()} == {
        "name": "python",
        "version": "3.13",
    }
    assert {key: value[0].text for key, value in entries(api["plan"].object_at("sku")).items()} == {
        "tier": "FlexConsumption",
        "name": "FC1",
    }


def _parameters() -> dict[str, str]:
    loaded = json.loads((INFRA / "main.parameters.json").read_text(encoding="utf-8"))
    return {name: given["value"] for name, given in loaded["parameters"].items()}


def test_azd_is_asked_for_every_setting_by_its_own_name():
    parameters = _parameters()

    for setting, parameter in (_main_map("settings") | _main_map("secrets")).items():
        assert parameters[parameter] == f"${{{setting}}}"


def test_azd_gives_only_parameters_that_exist_and_all_that_are_required():
    asked = MAIN.named("param")
    required = {name for name, param in asked.items() if not param.body}

    assert required <= set(_parameters()) <= set(asked)


def test_what_is_required_is_what_the_reporter_requires():
    required = {name for name, param in MAIN.named("param").items() if not param.body}

    assert required == {
        "environmentName",
        "location",
        "mixpanelUsername",
        "mixpanelSecret",
        "mixpanelProjectId",
    }


def test_names_keep_the_lengths_azure_allows():
    token = 13  # characters of uniqueString

    for module, least, most in (("storage", 3, 24), ("vault", 3, 24), ("api", 2, 60)):
        name = MAIN.named("module")[module].object_at("params", "name")[0].text
        assert least <= len(name.replace("${}", "x" * token)) <= most


def test_azd_finds_the_app_by_its_tag():
    services = re.findall(r"^  (\w+):$", (ROOT / "azure.yaml").read_text(encoding="utf-8"), re.MULTILINE)
    tags = MODULES["api.bicep"].named("resource")["app"].object_at("tags")

    assert services == ["api"]
    assert entries(tags)["azd-service-name"][0].text == "api"
