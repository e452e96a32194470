# frozen_string_literal: true

require 'personalize'
require 'uri'

# Makes a client of MoEngage's Personalize API, or of the emulator that MOENGAGE_BASE_URL names, for
# the workspace that the environment names.
def connect
  configuration = Personalize::Configuration.new do |config|
    config.username = ENV.fetch('MOENGAGE_WORKSPACE_ID')
    config.password = ENV.fetch('MOENGAGE_PERSONALIZE_API_KEY')
    config.api_key['MOE-APPKEY'] = config.username
    config.timeout = 3
    if (url = ENV['MOENGAGE_BASE_URL'])
      uri = URI(url)
      config.scheme = uri.scheme
      config.host = "#{uri.host}:#{uri.port}"
      config.base_path = uri.path
    else # the server's variables count only beside its index
      config.server_index = 0
      config.server_variables = { dc: ENV.fetch('MOENGAGE_DATA_CENTER') }
    end
  end
  Personalize::ApiClient.new(configuration)
end
