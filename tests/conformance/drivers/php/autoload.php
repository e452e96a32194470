<?php

// What Composer would write to vendor/autoload.php. Guzzle is Debian's here.
require 'GuzzleHttp/autoload.php';
spl_autoload_register(function (string $class): void {
    $file = __DIR__ . '/../client/lib/' . strtr(substr($class, strlen('Personalize\\')), '\\', '/') . '.php';
    if (str_starts_with($class, 'Personalize\\') && is_file($file)) {
        require $file;
    }
});
