// The names of COCO's 80 kinds of things under their sparse ids of 1 to 90 (instances_val2017.json, categories).

/** A gap in the numbers is a `-`: COCO planned 91 kinds and kept 80. */
const NAMES =
  'person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,traffic light,fire hydrant,-,stop sign,parking meter,' +
  'bench,bird,cat,dog,horse,sheep,cow,elephant,bear,zebra,giraffe,-,backpack,umbrella,-,-,handbag,tie,suitcase,' +
  'frisbee,skis,snowboard,sports ball,kite,baseball bat,baseball glove,skateboard,surfboard,tennis racket,bottle,-,' +
  'wine glass,cup,fork,knife,spoon,bowl,banana,apple,sandwich,orange,broccoli,carrot,hot dog,pizza,donut,cake,chair,' +
  'couch,potted plant,bed,-,dining table,-,-,toilet,-,tv,laptop,mouse,remote,keyboard,cell phone,microwave,oven,' +
  'toaster,sink,refrigerator,-,book,clock,vase,scissors,teddy bear,hair drier,toothbrush';

export const COCO_LABELS: ReadonlyMap<number, string> = new Map(
  NAMES.split(',').flatMap((name, index) => (name === '-' ? [] : [[index + 1, name] as const])),
);
