// All that the reporter needs in Azure: a function app on Flex Consumption and what it stands on.
targetScope = 'subscription'

@description('Names the azd environment; the resource group is named after it.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('The region. `az functionapp list-flexconsumption-locations` names those with Flex Consumption.')
@minLength(1)
@metadata({
  azd: {
    type: 'location'
  }
})
param location string

@description('The most instances the app grows to. Mixpanel takes 5 queries at once for a project, so few are enough.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Memory of an instance. 512 is documented, and has been rejected: github.com/Azure/azure-rest-api-specs/issues/40898')
@allowed([
  512
  2048
  4096
])
param instanceMemoryMB int = 2048

@description('Keep deleted secrets until their retention ends. It can never be turned off, and keeps the vault\'s name taken.')
param vaultPurgeProtection bool = false

// ---- What the reporter is told: the settings of .env.example --------------------------------------------------

param mixpanelUsername string
@secure()
param mixpanelSecret string
param mixpanelProjectId string
param mixpanelRegion string = 'us'
param mixpanelProjectTimezone string = ''
param mixpanelBaseUrl string = ''
param slackApiUrl string = ''
@secure()
param slackWebhookUrl string = ''
@secure()
param slackBotToken string = ''
@secure()
param errorWebhookUrl string = ''
@secure()
param heartbeatUrl string = ''
param companyName string = ''
param timezone string = 'UTC'
param dailySchedule string = ''
param weeklySchedule string = ''
param biweeklySchedule string = ''
param reportsFile string = ''

@description('Further app settings by name, such as AzureWebJobs.DailyReport.Disabled or MONTHLY_SCHEDULE.')
param moreSettings object = {}

@description('Further secrets by the name of their app setting: the webhooks of further destinations.')
@secure()
param moreSecrets object = {}

var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags = {
  'azd-env-name': environmentName
}
var deploymentContainer = 'app-package'
var settings = union(
  {
    MIXPANEL_USERNAME: mixpanelUsername
    MIXPANEL_PROJECT_ID: mixpanelProjectId
    MIXPANEL_REGION: mixpanelRegion
    MIXPANEL_PROJECT_TIMEZONE: mixpanelProjectTimezone
    MIXPANEL_BASE_URL: mixpanelBaseUrl
    SLACK_API_URL: slackApiUrl
    COMPANY_NAME: companyName
    TIMEZONE: timezone
    DAILY_SCHEDULE: dailySchedule
    WEEKLY_SCHEDULE: weeklySchedule
    BIWEEKLY_SCHEDULE: biweeklySchedule
    REPORTS_FILE: reportsFile
  },
  moreSettings
)
var secrets = union(
  {
    MIXPANEL_SECRET: mixpanelSecret
    SLACK_WEBHOOK_URL: slackWebhookUrl
    SLACK_BOT_TOKEN: slackBotToken
    ERROR_WEBHOOK_URL: errorWebhookUrl
    HEARTBEAT_URL: heartbeatUrl
  },
  moreSecrets
)

resource group 'Microsoft.Resources/resourceGroups@2022-09-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identity 'app/identity.bicep' = {
  name: 'identity'
  scope: group
  params: {
    name: 'id-reporter-${token}'
    location: location
    tags: tags
  }
}

module storage 'app/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    name: 'st${token}'
    location: location
    tags: tags
    deploymentContainer: deploymentContainer
  }
}

module vault 'app/vault.bicep' = {
  name: 'vault'
  scope: group
  params: {
    name: 'kv-${token}'
    location: location
    tags: tags
    purgeProtection: vaultPurgeProtection
    secrets: secrets
  }
}

module monitoring 'app/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    name: 'reporter-${token}'
    location: location
    tags: tags
  }
}

module roles 'app/roles.bicep' = {
  name: 'roles'
  scope: group
  params: {
    principalId: identity.outputs.principalId
    storageName: storage.outputs.name
    vaultName: vault.outputs.name
    insightsName: monitoring.outputs.insightsName
  }
}

module api 'app/api.bicep' = {
  name: 'api'
  scope: group
  params: {
    name: 'func-reporter-${token}'
    location: location
    tags: tags
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    blobEndpoint: storage.outputs.blobEndpoint
    queueEndpoint: storage.outputs.queueEndpoint
    tableEndpoint: storage.outputs.tableEndpoint
    deploymentContainer: deploymentContainer
    insightsConnectionString: monitoring.outputs.insightsConnectionString
    vaultUri: vault.outputs.uri
    settings: settings
    secretNames: map(filter(items(secrets), secret => !empty(secret.value)), secret => secret.key)
    maximumInstanceCount: maximumInstanceCount
    instanceMemoryMB: instanceMemoryMB
  }
  dependsOn: [
    roles // the app's first start reads its storage and its secrets
  ]
}

output AZURE_LOCATION string = location
output AZURE_TENANT_ID string = tenant().tenantId
output AZURE_RESOURCE_GROUP string = group.name
output AZURE_KEY_VAULT_NAME string = vault.outputs.name
output SERVICE_API_NAME string = api.outputs.name
output SERVICE_API_URI string = api.outputs.uri
