// The secrets. They are copies of what Mixpanel and Slack issued and can issue again, so losing them costs a minute:
// that is why purge protection, which cannot be undone and keeps the vault's name taken, is left to choose.
param name string
param location string
param tags object
param purgeProtection bool

@description('Secrets by the name of their app setting; empty ones are left out.')
@secure()
param secrets object

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 7
    enablePurgeProtection: purgeProtection ? true : null // the vault takes true or nothing
  }
}

resource values 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = [
  for secret in items(secrets): if (!empty(secret.value)) {
    parent: vault
    name: replace(secret.key, '_', '-')
    properties: {
      value: secret.value
    }
  }
]

output name string = vault.name
output uri string = vault.properties.vaultUri
