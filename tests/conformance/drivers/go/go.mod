module example.com/acme/shop

go 1.23

require example.com/acme/personalize v1.0.0

replace example.com/acme/personalize => ../client
