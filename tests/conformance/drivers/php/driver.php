<?php

// Runs conformance cases: a call as JSON in on a line, what the client read out on a line.

declare(strict_types=1);

use Personalize\Api\EventsApi;
use Personalize\Api\ExperiencesApi;
use Personalize\ApiException;
use Personalize\Model\ErrorResponse;
use Personalize\Model\ReportExperienceEventsRequest;
use Personalize\ObjectSerializer;

require __DIR__ . '/connect.php';

$configuration = connect();
$experiencesApi = new ExperiencesApi(httpClient(), $configuration);
$eventsApi = new EventsApi(httpClient(), $configuration);

$calls = [
    'baseUrl' => fn () => $configuration->getHost(),
    'fetchExperiences' => function ($given) use ($experiencesApi): array {
        $experiences = [];
        foreach ($experiencesApi->fetchExperiences($given->body)->getExperiences() as $key => $experience) {
            $payload = [];
            foreach ($experience->getPayload() as $name => $item) {
                $payload[$name] = ['value' => $item->getValue(), 'data_type' => $item->getDataType()];
            }
            $experiences[$key] = [
                'payload' => (object) $payload,
                'experience_context' => $experience->getExperienceContext(),
            ];
        }
        return ['experiences' => (object) $experiences];
    },
    'listExperienceMetadata' => function ($given) use ($experiencesApi): array {
        $listing = $experiencesApi->listExperienceMetadata($given->status ?? null)->getMetadata();
        $experiences = array_map(fn ($one) => [
            'experience_name' => $one->getExperienceName(),
            'experience_key' => $one->getExperienceKey(),
            'status' => $one->getStatus(),
        ], $listing->getExperiences());
        return ['metadata' => ['count' => $listing->getCount(), 'experiences' => $experiences]];
    },
    'reportExperienceEvents' => function ($given) use ($eventsApi): array {
        $report = ObjectSerializer::deserialize($given->body, ReportExperienceEventsRequest::class);
        $answer = $eventsApi->reportExperienceEvents($report);
        return known([
            'status' => $answer->getStatus(),
            'message' => $answer->getMessage(),
            'req_id' => $answer->getReqId(),
        ]);
    },
];

function failure(ApiException $error): array
{
    $api = $error->getResponseObject();
    $told = $api instanceof ErrorResponse ? [ // and no gateway's page
        'title' => $api->getTitle(),
        'description' => $api->getDescription(),
        'code' => $api->getCode(),
    ] : [];
    return known(['status' => $error->getCode()] + $told);
}

function known(array $fields): array
{
    return array_filter($fields, fn ($value) => $value !== null);
}

while (($line = fgets(STDIN)) !== false) {
    $case = json_decode($line);
    try {
        $outcome = ['read' => $calls[$case->operation]($case->arguments)];
    } catch (ApiException $error) {
        $outcome = ['error' => failure($error)];
    }
    echo json_encode($outcome, JSON_THROW_ON_ERROR | JSON_PRESERVE_ZERO_FRACTION), "\n";
}
