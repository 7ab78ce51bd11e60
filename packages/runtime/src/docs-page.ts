/** Options of the page on which the routes of a description can be tried, by `@fastify/swagger-ui`. */
export function docsPage(title: string) {
  return {
    routePrefix: '/docs',
    // Everything of the page comes from here, and none of its script is inline; its widgets set styles by script.
    staticCSP:
      "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; " +
      "frame-ancestors 'none'; base-uri 'none'",
    theme: { title },
    // Else the page would ask a validator on the Internet about the description.
    uiConfig: { url: '/openapi.json', validatorUrl: null, docExpansion: 'list', tryItOutEnabled: true },
  } as const;
}
