"""Statements written for this project, a few of each class: labelled data has hardly any of some.

They are learned from together with the labelled data, never measured on.
"""

from collections.abc import Mapping

from runs.requests import QualityClass

SEEDS: Mapping[QualityClass, tuple[str, ...]] = {
    QualityClass.PORTABILITY: (
        "The client shall run on different operating systems without changes to its source code.",
        "The application must be portable to other platforms with little effort.",
        "The software shall be able to run on mobile devices as well as on desktop computers.",
        "It shall be possible to migrate the system to another database management system.",
        "The code shall be platform independent.",
        "The product shall run on Windows, Linux and macOS.",
        "The application shall be usable with the web browsers of several vendors.",
        "Porting the product to a new release of the platform shall take less than one week.",
    ),
    QualityClass.MAINTAINABILITY: (
        "The source code shall be documented and follow the coding standard of the company.",
        "The system shall be modular so that a component can be replaced without changing others.",
        "A fault in the software shall be corrected within 5 working days.",
        "The system shall be easy to extend with new report types.",
        "Updates shall be installed without taking the system out of operation.",
        "It must be possible to add new modules without modifying the existing code.",
        "The design shall allow automated regression tests of every module.",
        "Developers shall be able to add a new feature with minimal effort.",
        "The configuration shall be changed by administrators without programming.",
    ),
    QualityClass.FAULT_TOLERANCE: (
        "The system shall continue to operate when one of its servers fails.",
        "After a power failure the controller shall recover to its last state.",
        "If the connection is lost, no data that the user has entered shall be lost.",
        "The software shall not crash on invalid input.",
        "The product shall work in a degraded mode when the network is unavailable.",
        "A failure of one sensor must not stop the others.",
        "The system shall detect faults and restart the failed process automatically.",
        "The database shall be restored from a backup after a failure.",
    ),
    QualityClass.LEGAL: (
        "The product shall comply with the data protection law of each country it is used in.",
        "Records shall be kept as long as tax legislation requires.",
        "The system must satisfy the regulations of the supervising authority.",
        "All third-party licences shall be observed.",
        "The application shall meet the statutory accessibility regulation.",
        "The system shall conform to the audit standards of the government.",
    ),
    QualityClass.AVAILABILITY: (
        "The service shall be available 99.9 % of the time.",
        "The system shall be up 24 hours a day, 7 days a week.",
        "Planned downtime shall not exceed two hours a month.",
        "The portal must be accessible at all times except during maintenance windows.",
        "The availability of the server shall be at least 99.5 percent.",
    ),
    QualityClass.SCALABILITY: (
        "The system shall support 5,000 concurrent users.",
        "The architecture must scale to ten times the initial number of customers.",
        "The database shall have the capacity for two million records.",
        "The system shall handle a growing number of requests by adding servers.",
        "The server shall support at least 200 simultaneous sessions.",
    ),
    QualityClass.LOOK_AND_FEEL: (
        "The pages shall use the colours and the logo of the company.",
        "The user interface shall have a modern and professional look.",
        "All screens shall have a consistent layout and the same fonts.",
        "The design of the website shall appeal to young people.",
    ),
    QualityClass.USABILITY: (
        "A new user shall be able to learn the main functions within one hour.",
        "The interface shall be easy to use and intuitive.",
        "Error messages must be understandable for users without technical knowledge.",
        "Nine of ten users shall complete an order without help.",
        "The texts shall be readable from a distance of two metres.",
    ),
    QualityClass.SECURITY: (
        "All passwords shall be stored encrypted.",
        "Only administrators shall be allowed to change access rights.",
        "The system shall protect personal data against unauthorised access.",
        "Users must be authenticated before they can use the service.",
        "The connection shall be encrypted.",
    ),
    QualityClass.PERFORMANCE: (
        "The page shall load within two seconds.",
        "The response time shall not exceed 500 ms for 95 % of the requests.",
        "The system shall process 100 transactions per second.",
        "The display shall be updated every second.",
        "The search shall be fast.",
    ),
    QualityClass.OPERATIONAL: (
        "The server shall run on the existing hardware of the customer.",
        "The system shall interface with the accounting system.",
        "The product shall be used in a noisy environment.",
        "The client shall use a standard web browser.",
        "The equipment shall work at temperatures from -20 °C to 50 °C.",
    ),
}
FUNCTIONS = (
    "The system shall record the time of every call.",
    "The user shall be able to search for a product by its name.",
    "When the door is opened, the controller shall stop the motor.",
    "The application shall calculate the total price of an order.",
    "The system shall allow the administrator to delete an account.",
    "The report shall list the number of items sold.",
    "The system shall send a message to the operator when a limit is exceeded.",
    "The pilot shall display the current position on the map.",
)
