<?php

declare(strict_types=1);

use GuzzleHttp\Client;
use Personalize\Configuration;

require_once __DIR__ . '/autoload.php';

/** Makes what sends requests, and waits for 3 seconds at most. */
function httpClient(): Client
{
    return new Client(['timeout' => 3]);
}

/**
 * Says how to reach MoEngage's Personalize API, or the emulator that MOENGAGE_BASE_URL names, as
 * the workspace that the environment names.
 */
function connect(): Configuration
{
    $workspaceId = getenv('MOENGAGE_WORKSPACE_ID');
    $configuration = (new Configuration())
        ->setUsername($workspaceId)
        ->setPassword(getenv('MOENGAGE_PERSONALIZE_API_KEY'))
        ->setApiKey('MOE-APPKEY', $workspaceId);
    $url = getenv('MOENGAGE_BASE_URL')
        ?: $configuration->getHostFromSettings(0, ['dc' => getenv('MOENGAGE_DATA_CENTER')]);
    return $configuration->setHost($url);
}
