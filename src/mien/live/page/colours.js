/** Of Okabe and Ito (2008), which people who see colours otherwise can tell apart. */
const PALETTE = ["#d55e00", "#e69f00", "#0072b2", "#009e73", "#cc79a7", "#56b4e9", "#f0e442"];

/** Return the colour of a class by its place in the model. */
export const colourOf = (place) => PALETTE[place % PALETTE.length];

/** Return what can be read on the colour: black or white. */
export function inkOn(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255);
  return 0.2126 * red ** 2.2 + 0.7152 * green ** 2.2 + 0.0722 * blue ** 2.2 > 0.18 ? "#000" : "#fff";
}
