//! The detections in the binary. A test compares this list with the folder `alarms/`.

macro_rules! shipped {
    ($($address:literal),* $(,)?) => {
        &[$(($address, include_str!(concat!("../../alarms/", $address, ".yaml")))),*]
    };
}

/// Address and text of every shipped detection.
pub const SHIPPED: &[(&str, &str)] = shipped![
    "api-gateway-abuse/deployed",
    "api-gateway-abuse/http-api-built",
    "api-gateway-abuse/rest-api-built",
    "lambda-persistence/function-created",
    "lambda-persistence/permission-added",
];
