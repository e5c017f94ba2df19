#include "capture.h"
int main(void){return 0;}
