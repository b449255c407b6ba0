/** One text in English, Armenian and Russian. */
export type Text = readonly [en: string, hy: string, ru: string]

/** Some texts by their words; a chapter for each part of the console. */
export const chapter = <W extends string>(texts: Record<W, Text>): Record<W, Text> => texts
